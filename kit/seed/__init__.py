"""A small lively network for a fresh installation, made only by what any client may do: the public API."""
