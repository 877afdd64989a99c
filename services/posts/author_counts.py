"""The number of an author's posts, by audience."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OPEN_POSTS: Final = "posts"
FOLLOWERS_POSTS: Final = "followersPosts"
#: Mentioned-only posts, and those that moderators hid or withhold: their number is hidden from others.
OWN_POSTS: Final = "ownPosts"


def audience_counter(item: Mapping[str, Any] | None) -> str | None:
    """The author's counter that a post belongs to now; ``None`` for what is not there (any more)."""
    if item is None or item["state"] != "live":
        return None
    if item.get("hidden") or item.get("withheld") or item["visibility"] == "mentioned":
        return OWN_POSTS
    return FOLLOWERS_POSTS if item["visibility"] == "followers" else OPEN_POSTS


def posts_seen(counts: Mapping[str, Any], *, itself: bool, follows: bool) -> int:
    """The number of an author's posts for the author (``itself``), a follower or anybody else."""
    told = [OPEN_POSTS]
    if itself or follows:
        told.append(FOLLOWERS_POSTS)
    if itself:
        told.append(OWN_POSTS)
    return max(0, sum(int(counts.get(name, 0)) for name in told))
