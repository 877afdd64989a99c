"""Keys of the profiles table: ``(pk, sk)``."""

from __future__ import annotations

Key = tuple[str, str]


def profile_key(user_id: str) -> Key:
    return f"USER#{user_id}", "PROFILE"


def counts_key(user_id: str) -> Key:
    return f"USER#{user_id}", "COUNTS"


def searches_key(user_id: str) -> Key:
    return f"USER#{user_id}", "SEARCHES"


def follow_key(follower: str, followee: str) -> Key:
    return f"USER#{follower}", f"FOLLOW#{followee}"


def block_key(blocker: str, blocked: str) -> Key:
    return f"USER#{blocker}", f"BLOCK#{blocked}"


def mutes_key(user_id: str) -> Key:
    return f"USER#{user_id}", "MUTES"


def lists_key(owner: str) -> Key:
    return f"USER#{owner}", "LISTS"


def list_member_key(owner: str, list_id: str, user_id: str) -> Key:
    return f"LIST#{owner}#{list_id}", f"MEMBER#{user_id}"


def handle_key(handle: str) -> Key:
    return f"HANDLE#{handle}", "HANDLE"
