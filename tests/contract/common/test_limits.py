"""The rate limiter over a real DynamoDB API: exact under concurrency, refuses suspended people, fails open."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.common.aws import impatient_table, table
from services.common.errors import AccountSuspended
from services.common.ids import derived_id
from services.common.limits import CLOSED, CommandLimits, LimitReached, Policy
from services.profiles import handler as profiles
from services.profiles.settings import ProfileSettings
from tests.support.aws import Aws
from tests.support.lambdas import call_http, new_user

POLICY = Policy("posts", 5, 60)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the limiter skips counts that take over a second; here it waits for all."""
    monkeypatch.setattr("services.common.limits.impatient_table", table)


def test_exactly_the_quota_of_concurrent_requests_passes(fresh: Aws) -> None:
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


def test_the_next_window_starts_at_zero_and_old_counters_are_removed(fresh: Aws) -> None:
    moment = [time.time() // 60 * 60]  # recent, because DynamoDB removes expired items
    limits, user = CommandLimits("idempotency", clock=lambda: moment[0]), new_user()
    for _ in range(40):
        admission = limits.take(user, POLICY)
        assert admission is not None
        assert admission.left == 4
        moment[0] += 60
    key = {"pk": f"LIMITS#{derived_id('limits', user)}", "sk": "LIMITS"}
    item = impatient_table("idempotency").get_item(Key=key)["Item"]
    assert f"posts@{int(moment[0])}" in item
    assert len([name for name in item if "@" in name]) <= 17
    assert user not in str(item)


def test_a_rate_limit_refusal_says_when_to_retry(fresh: Aws) -> None:
    limits, user = CommandLimits("idempotency", clock=lambda: 1_000_000.0), new_user()
    policy = Policy("posts", 1, 300)
    admission = limits.take(user, policy)
    assert admission is not None
    assert admission.headers() == {"ratelimit-policy": '"posts";q=1;w=300', "ratelimit": '"posts";r=0;t=200'}
    with pytest.raises(LimitReached) as refused:
        limits.take(user, policy)
    assert refused.value.headers()["retry-after"] == "200"


def test_a_suspension_holds_at_once_and_older_decisions_do_not_lift_it(fresh: Aws) -> None:
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


def kept_until(user: str) -> int:
    key = {"pk": f"LIMITS#{derived_id('limits', user)}", "sk": "LIMITS"}
    return int(impatient_table("idempotency").get_item(Key=key)["Item"]["ttl"])


def test_actions_of_a_suspended_person_do_not_shorten_the_suspension(fresh: Aws) -> None:
    limits, user, year = CommandLimits("idempotency"), new_user(), 365 * 24 * 3600
    limits.take(user, POLICY)
    assert kept_until(user) < time.time() + year
    limits.close(user, "spam", 1)
    limits.take(user, POLICY, always_open=True)
    limits.sign_out(user, int(time.time()))
    assert kept_until(user) > time.time() + 100 * year
    # A late message about an earlier decision: the stored version remains when the counters expire.
    limits.open(user, 2)
    limits.take(user, POLICY)
    assert kept_until(user) > time.time() + 100 * year


def test_the_closure_of_a_deleted_account_expires_with_its_last_token(fresh: Aws) -> None:
    limits, user = CommandLimits("idempotency"), new_user()
    limits.close(user, "spam", 1)
    limits.close(user, CLOSED, 2, 3600)
    limits.sign_out(user, int(time.time()))
    assert kept_until(user) <= time.time() + 3600


def test_commands_are_admitted_while_the_limiter_is_unavailable(fresh: Aws) -> None:
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
