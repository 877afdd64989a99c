"""The limiter over a real DynamoDB API: exact under concurrency, closed for the suspended, open when it is gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.common.errors import AccountSuspended
from services.common.limits import CLOSED, CommandLimits, LimitReached, Policy, kind_of, policies_of
from services.profiles import handler as profiles
from services.profiles.settings import ProfileSettings
from tests.support.aws import Aws
from tests.support.lambdas import call_http, new_user

POLICY = Policy("posts", 5, 60)


def test_of_many_at_once_exactly_the_quota_passes(fresh: Aws) -> None:
    limits, user = CommandLimits("idempotency", clock=lambda: 1_000_000.0), new_user()

    def attempt(_: int) -> bool:
        try:
            return limits.take(user, POLICY) is not None
        except LimitReached:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(12))) == 5
    assert limits.take(user, Policy("follows", 5, 60)) is not None
    assert limits.take(new_user(), POLICY) is not None


def test_the_next_window_is_a_new_one_and_old_counters_go(fresh: Aws) -> None:
    moment = [3_000_000.0]
    limits, user = CommandLimits("idempotency", clock=lambda: moment[0]), new_user()
    for _ in range(40):
        admission = limits.take(user, POLICY)
        assert admission is not None
        assert admission.left == 4
        moment[0] += 60
    found = fresh.client("dynamodb").scan(TableName="idempotency")["Items"]
    (item,) = [one for one in found if f"posts@{int(moment[0])}" in one]
    assert len([name for name in item if "@" in name]) <= 17
    assert user not in str(item)


def test_a_refusal_says_when_to_come_again(fresh: Aws) -> None:
    limits, user = CommandLimits("idempotency", clock=lambda: 1_000_000.0), new_user()
    policy = Policy("posts", 1, 300)
    admission = limits.take(user, policy)
    assert admission is not None
    assert admission.headers() == {"ratelimit-policy": '"posts";q=1;w=300', "ratelimit": '"posts";r=0;t=200'}
    with pytest.raises(LimitReached) as refused:
        limits.take(user, policy)
    assert refused.value.headers()["retry-after"] == "200"


def test_a_closed_door_is_closed_at_once_and_old_decisions_do_not_open_it(fresh: Aws) -> None:
    limits, user = CommandLimits("idempotency"), new_user()
    assert limits.close(user, "spam", 3)
    assert not limits.open(user, 2)
    with pytest.raises(AccountSuspended):
        limits.take(user, POLICY)
    assert limits.take(user, POLICY, always_open=True) is not None
    assert limits.close(user, CLOSED, 4)
    with pytest.raises(AccountSuspended):
        limits.take(user, POLICY, always_open=True)
    assert limits.open(user, 5)
    assert limits.take(user, POLICY) is not None


def test_commands_go_on_when_the_limiter_is_out_of_reach(fresh: Aws) -> None:
    assert CommandLimits("no-such-table").take(new_user(), POLICY) is None


def test_answers_carry_the_headers_and_a_full_window_is_429(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "commands=2/3600")
    handler, user = profiles.handler.compose(ProfileSettings.read()), new_user()
    body: dict[str, Any] = {"handle": "u" + user[:8].replace("-", ""), "displayName": "x"}
    answers = [call_http(handler, "PUT", "/v1/me", user=user, body=body, key="k") for _ in range(3)]
    assert [one.status for one in answers] == [201, 201, 429]
    assert answers[0].headers["ratelimit-policy"] == '"commands";q=2;w=3600'
    assert [one.headers["ratelimit"].split(";")[1] for one in answers] == ["r=1", "r=0", "r=0"]
    assert answers[2].body["type"] == "too-many-requests"
    assert 0 < int(answers[2].headers["retry-after"]) <= 3600


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
        ("PUT /v1/me", "commands"),
    ],
)
def test_requests_have_their_kinds(request_line: str, kind: str) -> None:
    assert kind_of(*request_line.split(" ")) == kind


@pytest.mark.parametrize("setting", ["posts", "posts=1", "posts=1/0", "nothing=1/1"])
def test_a_setting_that_can_not_be_read_is_an_error(setting: str) -> None:
    with pytest.raises(ValueError, match="RATE_LIMITS"):
        policies_of([setting])


def test_a_setting_changes_the_kinds_that_it_names() -> None:
    policies = policies_of(["posts=1/2", "calls=3/4"])
    assert policies["posts"] == Policy("posts", 1, 2)
    assert policies["messages"] == Policy("messages", 120, 60)
