"""Seeds a fresh installation with people and posts, only through the public API."""
