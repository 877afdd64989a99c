"""Timeline entries, fan-out jobs, and when a timeline is trimmed."""

from __future__ import annotations

import json

import pytest

from services.common.events import PostReposted
from services.timelines.model import Entry, entry_of_repost, is_time_to_trim, parse_job


def test_a_job_of_another_shape_is_shown_as_far_as_a_log_line_holds_it() -> None:
    body = json.dumps({"job": {"kind": "sweep", "unknown": "x" * 400}})
    with pytest.raises(ValueError, match="expected a fan-out job, got ") as refused:
        parse_job(body)
    assert str(refused.value) == f"expected a fan-out job, got {body[:200]!r}"


def test_an_entry_of_a_repost_names_the_post_and_the_reposter() -> None:
    event = PostReposted(cause="c", actor="bob", post_id="p", author_id="ann", user_id="bob", repost_id="r",
                         visibility="unlisted")  # fmt: skip
    assert entry_of_repost(event) == Entry("p", "ann", "unlisted", repost_id="r", reposted_by="bob")


def test_few_writes_trim_and_the_choice_is_deterministic() -> None:
    pairs = [(f"u{user}", f"p{post}") for user in range(40) for post in range(50)]
    trims = [is_time_to_trim(user, post) for user, post in pairs]
    assert trims == [is_time_to_trim(user, post) for user, post in pairs]
    assert 0 < sum(trims) < len(pairs) / 10
