"""The rate limiter's quotas, and which quota each operation counts against."""

from __future__ import annotations

import pytest

from services.common.limits import Policy, kind_of, policies_of


@pytest.mark.parametrize(
    ("request_line", "kind"),
    [
        ("GET /v1/timelines/home", ""),
        ("GET /v1/search/suggest", "search"),
        ("POST /v1/posts", "posts"),
        ("PUT /v1/posts/1/like", "commands"),
        ("POST /v1/conversations/1/messages", "messages"),
        ("POST /v1/calls", "calls"),
        ("POST /v1/calls/1/hangup", "commands"),
        ("POST /v1/me/export", "account"),
        ("GET /v1/me/export", "commands"),
        ("GET /v1/conversations/1/link", "commands"),
        ("GET /v1/conversations/1/messages", ""),
        ("POST /v1/live/1/messages", "livechat"),
        ("POST /v1/live/1/end", "commands"),
        ("POST /v1/live", "calls"),
        ("PUT /v1/me", "commands"),
    ],
)
def test_requests_have_their_kinds(request_line: str, kind: str) -> None:
    assert kind_of(*request_line.split(" ")) == kind


@pytest.mark.parametrize("setting", ["posts", "posts=1", "posts=1/0", "nothing=1/1"])
def test_an_invalid_rate_limit_setting_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="RATE_LIMITS"):
        policies_of([setting])


def test_a_setting_changes_the_kinds_that_it_names() -> None:
    policies = policies_of(["posts=1/2", "calls=3/4"])
    assert policies["posts"] == Policy("posts", 1, 2)
    assert policies["messages"] == Policy("messages", 120, 60)
