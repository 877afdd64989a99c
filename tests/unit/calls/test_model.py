"""The state machine of a call and the rules that depend on its state, without AWS."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.calls import events, model, table
from services.calls.model import Call, DevicePage, EndReason, Seat
from services.calls.states import ENDS, LIVE, TRANSITIONS, CallAction, CallRole, CallState, next_state
from services.common.clock import from_text, to_text
from services.common.errors import (
    AppError,
    CallElsewhere,
    CallOver,
    NotFound,
    NotInCall,
    StaleNegotiation,
    TooLarge,
    WrongCallState,
    WrongParty,
)

CREATED = "2026-01-01T00:00:00.000Z"
START = from_text(CREATED)
CALL = Call("01J00000000000000000000000", "ann", "bob", "video", CallState.RINGING, CREATED)
TALK = replace(CALL, state=CallState.CONNECTED)
SEATED = TALK.seated("ann", DevicePage("ann-1"), START)
PAGE = DevicePage("ann-1", "page-one")


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("action", list(CallAction))
@pytest.mark.parametrize("role", list(CallRole))
def test_the_table_decides_and_other_transitions_are_refused_by_name(
    state: CallState, action: CallAction, role: CallRole
) -> None:
    if (state, action, role) in TRANSITIONS:
        assert state in LIVE
        assert next_state(state, action, role) is TRANSITIONS[state, action, role]
        return
    try:
        assert next_state(state, action, role) is None
        assert state in ENDS
    except AppError as refused:
        assert isinstance(refused, (WrongParty, CallOver, WrongCallState))
        assert (refused.type == "call-over") == (state in ENDS and not isinstance(refused, WrongParty))


def test_every_state_but_the_first_can_be_reached() -> None:
    assert set(TRANSITIONS.values()) | {CallState.RINGING, CallState.BUSY} == set(CallState)


def test_the_docs_have_the_table_as_it_is() -> None:
    page = table.PAGE.read_text("utf-8")
    assert table.updated(page) == page, "run `make api`"
    assert "| accept | callee | → accepted | 409 `call-state` |" in page


def test_only_the_callee_answers() -> None:
    with pytest.raises(WrongParty):
        next_state(CallState.RINGING, CallAction.ACCEPT, CallRole.CALLER)
    with pytest.raises(CallOver) as refused:
        next_state(CallState.ENDED, CallAction.ACCEPT, CallRole.CALLEE)
    assert refused.value.errors[0].got == "ended"


def test_a_call_is_not_found_for_strangers() -> None:
    assert (CALL.role_of("ann"), CALL.role_of("bob")) == (CallRole.CALLER, CallRole.CALLEE)
    with pytest.raises(NotFound):
        CALL.role_of("eve")


@pytest.mark.parametrize(
    ("call", "seconds", "state", "reason"),
    [
        (CALL, 29, None, None),
        (CALL, 30, CallState.MISSED, EndReason.NO_ANSWER),
        # A page that sends its id is considered gone 20 seconds after its last heartbeat, for any cause.
        (CALL.seated("ann", PAGE, START), 19, None, None),
        (CALL.seated("ann", PAGE, START), 20, CallState.CANCELLED, EndReason.CALLER_LEFT),
        (TALK.seated("ann", PAGE, START), 20, CallState.ENDED, EndReason.CALLER_LEFT),
        (TALK.seated("bob", PAGE, START), 20, CallState.ENDED, EndReason.CALLEE_LEFT),
        (TALK.seated("ann", PAGE, START).seated("bob", PAGE, START), 20, CallState.FAILED, EndReason.BOTH_LEFT),
        # A page without an id is present as long as its connection.
        (SEATED, 86_400, None, None),
        (SEATED.without("ann", START), 19, None, None),
        (SEATED.without("ann", START), 20, CallState.ENDED, EndReason.CALLER_LEFT),
        # A caller without a seat (HTTP only) may ring until the call times out; after the answer, they must join.
        (CALL.moved(CallState.ACCEPTED, START), 19, None, None),
        (CALL.moved(CallState.ACCEPTED, START), 20, CallState.FAILED, EndReason.BOTH_LEFT),
        (replace(CALL, state=CallState.ENDED), 86_400, None, None),
    ],
)
def test_a_call_ends_when_its_time_limit_passes(
    call: Call, seconds: int, state: CallState | None, reason: EndReason | None
) -> None:
    ended = call.due(START + timedelta(seconds=seconds))
    assert (ended and ended.state, ended and ended.reason) == (state, reason)


def test_a_page_is_the_same_over_its_connections_and_another_begins_a_new_negotiation() -> None:
    call = TALK.seated("ann", PAGE, START)
    assert call.epoch == 1
    again = call.seated("ann", DevicePage("ann-2", "page-one"), START)
    assert (again.epoch, again.caller.device) == (1, "ann-2")
    other = DevicePage("ann-3", "page-two")
    with pytest.raises(CallElsewhere):
        again.seated("ann", other, START)
    for free in (again.without("ann", START), again):
        moved = free.seated("ann", other, START, take_over=free is again)
        assert (moved.epoch, moved.caller.session) == (2, "page-two")
    assert again.seated("ann", other, START + timedelta(seconds=20)).epoch == 2


def test_a_page_that_left_is_away_until_it_returns() -> None:
    call = TALK.seated("ann", PAGE, START).seated("bob", DevicePage("bob-1"), START)
    assert call.away() == []
    gone = call.without("bob", START)
    assert gone.away() == ["bob"]
    assert gone.seated("bob", DevicePage("bob-2"), START).away() == []


def test_only_the_device_in_the_call_negotiates_and_only_in_this_epoch() -> None:
    call = TALK.seated("ann", PAGE, START)
    call.check_sender("ann", PAGE, 1)
    for page, epoch, error in [
        (DevicePage("desk", "desk-page"), 1, CallElsewhere),
        (DevicePage("ann-2", "page-one"), 1, NotInCall),
        (DevicePage(None, "page-one"), 1, NotInCall),
        (PAGE, 2, StaleNegotiation),
    ]:
        with pytest.raises(error):
            call.check_sender("ann", page, epoch)
    with pytest.raises(NotInCall):
        call.without("ann", START).check_sender("ann", PAGE, 1)


@pytest.mark.parametrize(
    ("before", "after", "frame", "told", "published"),
    [
        (None, CallState.RINGING, "call.ringing", ["ann", "bob"], ["call.ringing"]),
        (CallState.RINGING, CallState.ACCEPTED, "call.accepted", ["ann", "bob"], ["call.ringing_ended"]),
        (CallState.ACCEPTED, CallState.CONNECTED, None, [], []),
        (CallState.CONNECTED, CallState.ENDED, "call.ended", ["ann", "bob"], []),
        (CallState.RINGING, CallState.DECLINED, "call.ended", ["ann", "bob"], ["call.ringing_ended"]),
        (CallState.RINGING, CallState.MISSED, "call.ended", ["ann", "bob"], ["call.ringing_ended", "call.missed"]),
        (CallState.RINGING, CallState.CANCELLED, "call.ended", ["ann", "bob"], ["call.ringing_ended", "call.missed"]),
        (None, CallState.BUSY, "call.ended", ["ann"], ["call.missed"]),
        (CallState.ENDED, CallState.ENDED, None, [], []),
    ],
)
def test_a_state_change_tells_the_parties_and_publishes_events(
    before: CallState | None, after: CallState, frame: str | None, told: list[str], published: list[str]
) -> None:
    old = None if before is None else replace(CALL, state=before)
    effects = events.of_change(old, replace(CALL, state=after))
    assert [one.frame["type"] for one in effects.frames] == ([frame] if frame else [])
    assert [user for one in effects.frames for user in one.users] == told
    assert [one.type for one in effects.domain_events] == published
    assert effects.starts_ringing == (after is CallState.RINGING)
    again = events.of_change(old, replace(CALL, state=after))
    assert [one.frame["eventId"] for one in again.frames] == [one.frame["eventId"] for one in effects.frames]


def test_joins_and_departures_are_published_and_heartbeats_are_not() -> None:
    call = TALK.seated("ann", PAGE, START)
    back = call.seated("ann", DevicePage("ann-2", "page-one"), START)
    steps = [
        (CALL, CALL.seated("ann", PAGE, START), ["call.updated"], ["ann"]),
        (call, call.seated("ann", PAGE, START + timedelta(seconds=6)), [], []),
        (call, call.without("ann", START), ["call.updated"], ["ann"]),
        (call, back, ["call.updated"], ["ann"]),
        (call, call.seated("ann", DevicePage("x", "page-two"), START, take_over=True), ["call.updated"], ["ann"]),
        (CALL, CALL.moved(CallState.ACCEPTED, START), ["call.accepted"], ["ann", "bob"]),
        (call, replace(call, state=CallState.ENDED), ["call.ended"], []),
        (None, CALL, ["call.ringing"], []),
    ]
    for before, changed, frames, watched in steps:
        effects = events.of_change(before, changed)
        assert ([one.frame["type"] for one in effects.frames], effects.watched) == (frames, watched)


def test_an_unused_seat_is_neither_away_nor_taken() -> None:
    assert (Seat().is_away, Seat().is_taken, Seat().lapses_at()) == (False, False, None)


def test_a_signal_has_at_most_30_kilobytes_as_it_is_sent() -> None:
    model.check_size({"sdp": "雪" * 10_236 + "xx"})
    with pytest.raises(TooLarge, match="30720 bytes"):
        model.check_size({"sdp": "雪" * 10_236 + "xxx"})


def test_a_caller_cannot_call_their_own_account() -> None:
    with pytest.raises(AppError):
        model.check_callee("ann", "ann")
    assert to_text(START) == CREATED
