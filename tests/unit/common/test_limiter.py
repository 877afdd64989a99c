"""The limiter counts commands per person and window, and refuses people who are suspended or signed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from services.common import limits as module
from services.common.errors import AccountSuspended, SignedOut
from services.common.limits import CLOSED, Admission, CommandLimits, LimitReached, Policy
from services.common.settings import CommandSettings
from tests.support.memory_table import MemoryTable, refused

POSTS = Policy("posts", 3, 60)
TWO_DAYS, FOREVER = 2 * 24 * 3600, 253_402_300_799
START = 1_200_000


class Clock:
    now = float(START)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> MemoryTable:
    made = MemoryTable()
    monkeypatch.setattr(module, "impatient_table", {"idempotency": made}.__getitem__)
    return made


@pytest.fixture
def limits(table: MemoryTable, clock: Clock) -> CommandLimits:
    return CommandLimits("idempotency", ["posts=3/60", "commands=5/60", "messages=2/60"], clock)


def item(table: MemoryTable) -> dict[str, Any]:
    (found,) = table.items.values()
    return found


def test_the_quota_of_a_window_is_all_that_passes(limits: CommandLimits, clock: Clock) -> None:
    clock.now += 18.5
    assert [limits.take("ann", POSTS) for _ in range(3)] == [Admission(POSTS, left, 41) for left in (2, 1, 0)]
    with pytest.raises(LimitReached) as refusal:
        limits.take("ann", POSTS)
    assert refusal.value.admission == Admission(POSTS, 0, 41)
    assert limits.take("bob", POSTS) == Admission(POSTS, 2, 41)
    assert limits.take("ann", Policy("follows", 1, 60)) is not None


def test_the_next_window_has_a_quota_of_its_own(limits: CommandLimits, clock: Clock) -> None:
    for second in (0, 59.9, 60):
        clock.now = START + second
        assert limits.take("ann", Policy("posts", 2, 60)) is not None
    assert limits.take("ann", Policy("posts", 2, 60)) == Admission(Policy("posts", 2, 60), 0, 60)


def test_nobody_is_told_to_wait_for_less_than_a_second(limits: CommandLimits, clock: Clock) -> None:
    clock.now += 59.7
    assert limits.take("ann", POSTS) == Admission(POSTS, 2, 1)


def test_an_upgrade_finds_the_suspensions_of_before(limits: CommandLimits, table: MemoryTable) -> None:
    limits.close("ann", "spam", 1)
    assert list(table.items) == [("LIMITS#49678fd2-052a-5a99-b315-8d832db11231", "LIMITS")]


def test_an_item_names_nobody_and_expires_after_two_days(
    limits: CommandLimits, table: MemoryTable, clock: Clock
) -> None:
    clock.now += 0.5
    limits.take("ann", POSTS)
    ((partition, sort),) = table.items
    assert (partition[:7], sort, "ann" in str(table.items)) == ("LIMITS#", "LIMITS", False)
    assert item(table)["ttl"] == START + TWO_DAYS
    limits.sign_out("bob", 1)
    assert {one["ttl"] for one in table.items.values()} == {START + TWO_DAYS}


def test_counters_of_sixteen_past_windows_are_removed_together(
    limits: CommandLimits, table: MemoryTable, clock: Clock
) -> None:
    def counters() -> int:
        return sum(name.startswith("posts@") for name in item(table))

    for count in range(1, 17):
        limits.take("ann", POSTS)
        assert counters() == count
        clock.now += 60
    limits.take("ann", POSTS)
    assert [name for name in item(table) if "@" in name] == [f"posts@{START + 17 * 60}"]
    clock.now += 1
    assert limits.take("ann", POSTS) == Admission(POSTS, 1, 59)


@pytest.mark.parametrize("always_open", [False, True])
def test_a_suspended_person_may_do_only_what_is_always_open(limits: CommandLimits, always_open: bool) -> None:
    assert limits.close("ann", "spam", 1)
    acts: list[Callable[..., object]] = [limits.check, lambda who, **more: limits.take(who, POSTS, **more)]
    for act in acts:
        if always_open:
            act("ann", always_open=True)
        else:
            with pytest.raises(AccountSuspended):
                act("ann")
    assert limits.check("bob") == 0


def test_after_the_quota_even_what_is_always_open_is_refused(limits: CommandLimits) -> None:
    limits.close("ann", "spam", 1)
    for _ in range(3):
        limits.take("ann", POSTS, always_open=True)
    with pytest.raises(LimitReached):
        limits.take("ann", POSTS, always_open=True)


def test_an_account_that_is_being_deleted_may_do_nothing(limits: CommandLimits) -> None:
    limits.close("ann", CLOSED, 1, 3600)
    for always_open in (False, True):
        with pytest.raises(AccountSuspended):
            limits.check("ann", always_open=always_open)
        with pytest.raises(AccountSuspended):
            limits.take("ann", POSTS, always_open=always_open)


def test_the_latest_decision_holds_in_whichever_order_they_come(limits: CommandLimits) -> None:
    assert limits.close("ann", "spam", 2)
    assert not limits.open("ann", 1)
    with pytest.raises(AccountSuspended):
        limits.check("ann")
    assert limits.close("ann", "spam", 2), "a decision may be delivered twice"
    assert limits.open("ann", 3)
    assert not limits.close("ann", "spam", 2)
    assert limits.check("ann") == 0
    assert limits.take("ann", POSTS) is not None


def test_decisions_are_kept_forever_and_those_of_deleted_accounts_as_long_as_asked(
    limits: CommandLimits, table: MemoryTable, clock: Clock
) -> None:
    limits.close("ann", "spam", 1)
    limits.sign_out("ann", 5)
    limits.take("ann", POSTS, always_open=True)
    assert item(table)["ttl"] == FOREVER
    limits.open("ann", 2)
    assert item(table)["ttl"] == FOREVER
    clock.now += 0.5
    limits.close("ann", CLOSED, 3, 3600)
    assert item(table)["ttl"] == START + 3600
    limits.sign_out("ann", 6)
    assert item(table)["ttl"] == START + 3600


@pytest.mark.parametrize(
    "request_line", [("POST", "/v1/posts"), ("GET", "/v1/moderation/cases"), ("GET", "/v1/me/export")]
)
def test_a_sign_in_that_was_ended_is_refused_up_to_its_moment(
    limits: CommandLimits, clock: Clock, request_line: tuple[str, str]
) -> None:
    limits.sign_out("ann", 1000)
    for signed_in_at in (1, 1000):
        with pytest.raises(SignedOut):
            limits.admit_request("ann", *request_line, signed_in_at)
    clock.now += 60
    limits.admit_request("ann", *request_line, 1001)
    limits.admit_request("ann", *request_line)
    limits.admit_request("bob", *request_line, 1)


def test_an_earlier_end_of_sign_ins_changes_nothing(limits: CommandLimits) -> None:
    for moment in (1000, 999):
        limits.sign_out("ann", moment)
    assert limits.check("ann") == 1000
    limits.sign_out("ann", 1001)
    assert limits.check("ann") == 1001


def test_requests_count_for_their_kind_and_most_reads_for_none(limits: CommandLimits) -> None:
    posted = limits.admit_request("ann", "POST", "/v1/posts")
    assert posted == Admission(POSTS, 2, 60)
    assert limits.admit_request("ann", "GET", "/v1/timelines/home") is None
    assert limits.admit_request("ann", "PUT", "/v1/me") == Admission(Policy("commands", 5, 60), 4, 60)


def test_reads_that_suspended_people_may_make_ask_the_limiter_nothing(
    limits: CommandLimits, table: MemoryTable
) -> None:
    limits.close("ann", "spam", 1)
    table.failure = AssertionError("asked")
    assert limits.admit_request("ann", "GET", "/v1/timelines/home", 1) is None


def test_suspended_people_are_refused_requests_that_are_not_open(limits: CommandLimits) -> None:
    limits.close("ann", "spam", 1)
    for request in (("POST", "/v1/posts"), ("GET", "/v1/moderation/cases")):
        with pytest.raises(AccountSuspended):
            limits.admit_request("ann", *request)
    assert limits.admit_request("ann", "POST", "/v1/appeals") is not None


def test_actions_on_a_socket_count_as_their_requests_do(limits: CommandLimits) -> None:
    limits.admit_action("ann", "chat.send")
    limits.admit_request("ann", "POST", "/v1/conversations/1/messages")
    with pytest.raises(LimitReached):
        limits.admit_action("ann", "chat.send")
    for _ in range(9):
        limits.admit_action("ann", "chat.typing")


@pytest.mark.parametrize("name", ["chat.send", "call.start", "room.join", "chat.typing", "ping", "call.hangup"])
def test_suspended_people_may_only_ping_and_hang_up(limits: CommandLimits, name: str) -> None:
    limits.close("ann", "spam", 1)
    if name in ("ping", "call.hangup"):
        limits.admit_action("ann", name)
    else:
        with pytest.raises(AccountSuspended):
            limits.admit_action("ann", name)


@pytest.mark.parametrize(
    "failure", [ConnectTimeoutError(endpoint_url="x"), refused("ProvisionedThroughputExceededException")]
)
def test_commands_go_on_uncounted_while_the_table_does_not_answer(
    limits: CommandLimits, table: MemoryTable, failure: Exception
) -> None:
    table.failure = failure
    assert limits.take("ann", POSTS) is None
    assert limits.check("ann") == 0
    assert limits.admit_request("ann", "POST", "/v1/posts", 1) is None
    limits.admit_action("ann", "ping")


def test_a_functions_limiter_has_its_table_and_quotas(table: MemoryTable) -> None:
    settings = CommandSettings(table_idempotency="idempotency", origin_secret="s", rate_limits=("posts=1/3600",))
    made = CommandLimits.of(settings)
    admission = made.admit_request("ann", "POST", "/v1/posts")
    assert admission is not None
    assert (admission.policy, admission.left) == (Policy("posts", 1, 3600), 0)
    assert len(table.items) == 1
