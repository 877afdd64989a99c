"""``make picture``: draws the README's screen from the running product, as vectors."""
