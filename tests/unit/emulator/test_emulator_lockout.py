"""Amazon Cognito Developer Guide, "Lockout behavior for failed sign-in attempts"."""

from __future__ import annotations

from typing import Any

from emulation.emulator.cognito.lockout import LONGEST_SECONDS, attempt

NOW = 1_800_000_000.0


def _fail(user: dict[str, Any], times: int, now: float = NOW) -> float:
    """The time of the last of ``times`` counted failures; each is attempted as soon as the lockout allows."""
    for _ in range(times):
        while not attempt(user, False, now):
            now += 1
    return now


def test_five_failures_are_free_and_the_fifth_locks_for_a_second() -> None:
    user: dict[str, Any] = {}
    assert [attempt(user, False, NOW) for _ in range(6)] == [True] * 5 + [False]
    assert not attempt(user, True, NOW + 0.99)
    assert attempt(user, True, NOW + 1)


def test_each_failure_doubles_the_lockout_up_to_fifteen_minutes() -> None:
    user: dict[str, Any] = {}
    locked, now = [], NOW
    for _ in range(16):
        before = now = _fail(user, 1, now)
        while not attempt(dict(user), False, now):
            now += 1
        locked.append(int(now - before))
        if now - before >= LONGEST_SECONDS:
            break
    assert locked == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST_SECONDS]


def test_attempts_during_a_lockout_do_not_lengthen_it() -> None:
    user: dict[str, Any] = {}
    now = _fail(user, 8)
    for second in range(8):
        assert not attempt(user, False, now + second)
    assert attempt(user, True, now + 8)


def test_a_sign_in_starts_the_count_again() -> None:
    user: dict[str, Any] = {}
    _fail(user, 4)
    assert attempt(user, True, NOW)
    assert [attempt(user, False, NOW) for _ in range(6)] == [True] * 5 + [False]


def test_a_right_password_before_a_second_factor_does_not_reset_the_count() -> None:
    user: dict[str, Any] = {}
    _fail(user, 4)
    assert attempt(user, True, NOW, last_step=False)
    assert [attempt(user, False, NOW) for _ in range(2)] == [True, False]


def test_fifteen_quiet_minutes_start_the_count_again() -> None:
    user: dict[str, Any] = {}
    now = _fail(user, 12)
    assert not attempt(user, False, now + 100)  # less than the 15 quiet minutes
    later = now + 100 + LONGEST_SECONDS
    assert [attempt(user, False, later) for _ in range(6)] == [True] * 5 + [False]
