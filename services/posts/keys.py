"""Keys of the posts table: ``(pk, sk)``."""

from __future__ import annotations

Key = tuple[str, str]


def post_key(post_id: str) -> Key:
    return f"POST#{post_id}", "POST"


def counts_key(post_id: str) -> Key:
    return f"POST#{post_id}", "COUNTS"


def like_key(post_id: str, user_id: str) -> Key:
    return f"POST#{post_id}", f"LIKE#{user_id}"


def repost_key(post_id: str, user_id: str) -> Key:
    return f"POST#{post_id}", f"REPOST#{user_id}"


def reaction_key(post_id: str, user_id: str) -> Key:
    return f"POST#{post_id}", f"REACTION#{user_id}"


def bookmark_key(post_id: str, user_id: str) -> Key:
    return f"POST#{post_id}", f"BOOKMARK#{user_id}"


def pins_key(author_id: str) -> Key:
    return f"AUTHOR#{author_id}", "PINS"


def author_counts_key(author_id: str) -> Key:
    return f"AUTHOR#{author_id}", "COUNTS"


def client_key(author_id: str, client_post_id: str) -> Key:
    return f"AUTHOR#{author_id}", f"CLIENT#{client_post_id}"
