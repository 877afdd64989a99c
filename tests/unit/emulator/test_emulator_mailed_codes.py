"""Amazon Cognito Developer Guide, "Quotas in Amazon Cognito", code security resource quotas."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulation.emulator.cognito.codes import (
    EXPIRED,
    HOUR,
    MISMATCH,
    QUOTAS,
    RESET,
    SIGN_UP,
    issue,
    refusal,
    spend,
    within_quota,
)

NOW = 1_800_000_000.0


@pytest.mark.parametrize(("kind", "seconds"), [(SIGN_UP, 24 * HOUR), (RESET, HOUR)])
def test_a_code_is_valid_for_its_time(kind: str, seconds: int) -> None:
    user: dict[str, Any] = {}
    code = issue(user, kind, NOW)
    assert len(code) == 6
    assert code.isdecimal()
    assert refusal(user, kind, code, NOW + seconds - 1) is None
    assert refusal(user, kind, code, NOW + seconds) == EXPIRED


def test_a_code_is_for_one_purpose_and_one_use() -> None:
    user: dict[str, Any] = {}
    code = issue(user, SIGN_UP, NOW)
    assert refusal(user, RESET, code, NOW) == EXPIRED
    spend(user, SIGN_UP)
    assert refusal(user, SIGN_UP, code, NOW) == EXPIRED


def test_a_new_code_replaces_the_one_before() -> None:
    user: dict[str, Any] = {}
    first = issue(user, RESET, NOW)
    newest = issue(user, RESET, NOW + 30 * 60)
    if first != newest:
        assert refusal(user, RESET, first, NOW + 30 * 60) == MISMATCH
    assert refusal(user, RESET, newest, NOW + 80 * 60) is None


@pytest.mark.parametrize("given", [None, "", 0, "１２３４５６", "\ud800", "1234567"])
def test_an_invalid_code_is_a_mismatch(given: Any) -> None:
    user: dict[str, Any] = {}
    issue(user, SIGN_UP, NOW)
    assert refusal(user, SIGN_UP, given, NOW) == MISMATCH


@pytest.mark.parametrize("operation", QUOTAS)
def test_requests_are_allowed_again_an_hour_after_the_first(operation: str) -> None:
    user: dict[str, Any] = {}
    quota = QUOTAS[operation][1]
    assert all(within_quota(user, operation, NOW + number) for number in range(quota))
    assert not within_quota(user, operation, NOW + HOUR - 1)
    assert within_quota(user, operation, NOW + HOUR)
    assert not within_quota(user, operation, NOW + HOUR)


def test_asking_for_a_code_and_entering_it_count_together() -> None:
    user: dict[str, Any] = {}
    quota = QUOTAS["ForgotPassword"][1]
    assert 5 <= quota <= 20
    for number in range(quota):
        operation = ("ForgotPassword", "ConfirmForgotPassword")[number % 2]
        assert within_quota(user, operation, NOW)
    assert not within_quota(user, "ForgotPassword", NOW)
    assert not within_quota(user, "ConfirmForgotPassword", NOW)
    assert within_quota(user, "ConfirmSignUp", NOW)


def test_stored_codes_of_a_user_survive_json() -> None:
    user: dict[str, Any] = {}
    code = issue(user, SIGN_UP, NOW)
    within_quota(user, "ConfirmSignUp", NOW)
    restored = json.loads(json.dumps(user))
    assert restored == user
    assert refusal(restored, SIGN_UP, code, NOW) is None
