"""Counters reveal nothing about posts that the reader may not see."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.streams import Change
from services.posts.events import deltas_of

LIVE = {"type": "post", "id": "p", "authorId": "a", "state": "live", "visibility": "public", "replyTo": {"postId": "q"}}
GONE = {"type": "post", "id": "p", "authorId": "a", "state": "deleted"}


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        (None, LIVE, {"posts": 1, "replies": 1}),
        (LIVE, GONE, {"posts": -1, "replies": -1}),
        (LIVE, LIVE | {"version": 2}, {}),
        (LIVE, LIVE | {"hidden": "spam"}, {"posts": -1, "ownPosts": 1, "replies": -1}),
        (LIVE | {"hidden": "spam"}, LIVE | {"hidden": "spam", "withheld": True}, {}),
        (LIVE | {"withheld": True}, LIVE, {"posts": 1, "ownPosts": -1, "replies": 1}),
        (LIVE | {"hidden": "spam"}, GONE, {"ownPosts": -1}),
        (None, LIVE | {"visibility": "followers"}, {"followersPosts": 1}),
        (None, LIVE | {"visibility": "mentioned"}, {"ownPosts": 1}),
    ],
)
def test_each_change_moves_the_counts_that_its_readers_see(old: Any, new: Any, moved: dict[str, int]) -> None:
    deltas = deltas_of(Change("e", old, new))
    assert {one.attribute: one.amount for one in deltas if one.amount} == moved
