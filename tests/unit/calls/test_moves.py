"""The history that a call keeps: times, reasons, and the device of each participant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.calls.model import Call, DevicePage, EndReason, Seat
from services.calls.states import ENDS, LIVE, TALKING, CallState
from services.common.clock import from_text, to_text

CREATED = "2026-01-01T00:00:00.000Z"
AT = from_text(CREATED) + timedelta(seconds=5)
CALL = Call("01J00000000000000000000000", "ann", "bob", "video", CallState.RINGING, CREATED)


@pytest.mark.parametrize("state", list(CallState))
def test_a_call_that_ends_keeps_when_and_why(state: CallState) -> None:
    after = CALL.moved(state, AT, reason=EndReason.NO_ANSWER)
    assert (after.state, after.reason) == (state, EndReason.NO_ANSWER)
    assert after.ended_at == (to_text(AT) if state in ENDS else None)


@pytest.mark.parametrize("before", sorted(LIVE))
def test_a_call_is_answered_once_and_waits_from_then_on_for_both_devices(before: CallState) -> None:
    heard = replace(CALL, state=before, caller=Seat("ann-1", None, CREATED))
    after = heard.moved(CallState.ACCEPTED, AT)
    answered = before is CallState.RINGING
    assert after.answered_at == (to_text(AT) if answered else None)
    assert after.caller.seen_at == CREATED
    assert after.callee.seen_at == (to_text(AT) if answered else None)


@pytest.mark.parametrize("state", list(CallState))
def test_the_caller_takes_part_from_the_start_and_the_callee_after_answering(state: CallState) -> None:
    call = replace(CALL, state=state)
    assert call.takes_part("ann") is (state in TALKING or state is CallState.RINGING)
    assert call.takes_part("bob") is (state in TALKING)


def test_participants_without_a_device_are_away() -> None:
    gone = CALL.without("ann", AT).without("bob", AT)
    assert gone.away() == ["ann"]
    assert replace(gone, state=CallState.CONNECTED).away() == ["ann", "bob"]
    assert gone.seat_of("ann") == Seat(None, None, to_text(AT))
    assert CALL.away() == []


def test_each_party_finds_the_other() -> None:
    assert (CALL.other("ann"), CALL.other("bob")) == ("bob", "ann")


@pytest.mark.parametrize(
    ("seat", "page", "same"),
    [
        (Seat("d", None), DevicePage("d"), True),
        (Seat("d", "s"), DevicePage("e", "s"), True),
        (Seat("d", "s"), DevicePage("e", "t"), False),
        (Seat("d", None), DevicePage("e"), False),
        (Seat(None, None), DevicePage(None), False),
        (Seat(None, "s"), DevicePage(None, "s"), True),
    ],
)
def test_a_page_is_known_by_its_connection_or_its_session(seat: Seat, page: DevicePage, same: bool) -> None:
    assert seat.is_of(page) is same


def test_a_page_keeps_its_session_and_another_page_does_not_inherit_it() -> None:
    seated = CALL.seated("ann", DevicePage("ann-1", "s"), AT)
    assert seated.seated("ann", DevicePage("ann-1"), AT).caller == Seat("ann-1", "s", to_text(AT))
    assert seated.seated("ann", DevicePage("ann-2", "s"), AT).epoch == seated.epoch
    taken = seated.seated("ann", DevicePage("ann-2"), AT, take_over=True)
    assert (taken.caller, taken.epoch) == (Seat("ann-2", None, to_text(AT)), seated.epoch + 1)


def test_the_latest_page_without_a_session_replaces_the_one_before() -> None:
    seated = CALL.seated("ann", DevicePage("ann-1"), AT)
    again = seated.seated("ann", DevicePage("ann-2"), AT)
    assert (again.caller.device, again.epoch) == ("ann-2", seated.epoch)
    over = seated.seated("ann", DevicePage("ann-2"), AT, take_over=True)
    assert (over.caller.device, over.epoch) == ("ann-2", seated.epoch + 1)
