"""``make picture``: what README shows, drawn from the running product as vectors."""
