"""Keys of the posts table: ``(pk, sk)``."""

from __future__ import annotations

import zlib

Key = tuple[str, str]


def post_key(post_id: str) -> Key:
    return f"POST#{post_id}", "POST"


def counts_key(post_id: str) -> Key:
    return f"POST#{post_id}", "COUNTS"


def viewer_partition(user_id: str) -> str:
    """A person's edges to posts, sorted by post, so that one range covers a page."""
    return f"VIEWER#{user_id}"


def like_key(post_id: str, user_id: str) -> Key:
    return viewer_partition(user_id), f"{post_id}#LIKE"


def repost_key(post_id: str, user_id: str) -> Key:
    return viewer_partition(user_id), f"{post_id}#REPOST"


def reaction_key(post_id: str, user_id: str) -> Key:
    return viewer_partition(user_id), f"{post_id}#REACTION"


def bookmark_key(post_id: str, user_id: str) -> Key:
    return viewer_partition(user_id), f"{post_id}#BOOKMARK"


def edge_keys(post_id: str, user_id: str) -> list[Key]:
    """All edges that there can be between a person and a post."""
    return [key(post_id, user_id) for key in (like_key, repost_key, reaction_key, bookmark_key)]


def pins_key(author_id: str) -> Key:
    return f"AUTHOR#{author_id}", "PINS"


def author_counts_key(author_id: str) -> Key:
    return f"AUTHOR#{author_id}", "COUNTS"


def client_key(author_id: str, client_post_id: str) -> Key:
    return f"AUTHOR#{author_id}", f"CLIENT#{client_post_id}"


def version_key(post_id: str, version: int) -> Key:
    """A former version of a post; the current one is the post itself."""
    return f"POST#{post_id}", f"VERSION#{version:010d}"


def vote_key(post_id: str, user_id: str) -> Key:
    return f"POST#{post_id}", f"VOTE#{user_id}"


def draft_key(author_id: str, draft_id: str) -> Key:
    return f"DRAFTS#{author_id}", f"DRAFT#{draft_id}"


def scheduled_key(author_id: str, scheduled_id: str) -> Key:
    return f"SCHEDULED#{author_id}", f"SCHEDULED#{scheduled_id}"


def number_key(partition: str) -> Key:
    """The counter of entries in a person's list, which limits its length."""
    return partition, "NUMBER"


#: Due entries are spread over this many partitions; every sweep reads the head of each.
DUE_SHARDS = 4


def due_partition(shard: int) -> str:
    return f"DUE#{shard}"


def due_key(at: str, kind: str, identifier: str) -> Key:
    """``at`` is RFC 3339 as ``clock.to_text`` writes it, so that the order of keys is the order of time."""
    return due_partition(zlib.crc32(identifier.encode()) % DUE_SHARDS), f"{at}#{kind}#{identifier}"
