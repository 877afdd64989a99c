"""The state machine of a call and what follows from its states, without AWS."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from services.calls import events, ice, model
from services.calls.model import ENDS, LIVE, TRANSITIONS, Call, CallAction, CallRole, CallState
from services.common.clock import now, to_text
from services.common.errors import Conflict, Forbidden, NotFound

CALL = Call("01J00000000000000000000000", "ann", "bob", "video", CallState.RINGING, "2026-01-01T00:00:00.000Z")


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("action", list(CallAction))
@pytest.mark.parametrize("role", list(CallRole))
def test_the_table_decides_and_nothing_leads_out_of_an_end(
    state: CallState, action: CallAction, role: CallRole
) -> None:
    call = replace(CALL, state=state)
    if (state, action, role) in TRANSITIONS:
        assert state in LIVE
        assert model.next_state(call, action, role) is TRANSITIONS[state, action, role]
        return
    try:
        assert model.next_state(call, action, role) is None
        assert state in ENDS
    except (Conflict, Forbidden) as refused:
        assert refused.detail


def test_every_state_but_the_first_can_be_reached() -> None:
    assert set(TRANSITIONS.values()) | {CallState.RINGING, CallState.BUSY} == set(CallState)


def test_only_the_callee_answers() -> None:
    with pytest.raises(Forbidden):
        model.next_state(CALL, CallAction.ACCEPT, CallRole.CALLER)
    with pytest.raises(Conflict) as refused:
        model.next_state(replace(CALL, state=CallState.ENDED), CallAction.ACCEPT, CallRole.CALLEE)
    assert refused.value.errors[0].got == "ended"


def test_strangers_learn_nothing() -> None:
    assert (CALL.role_of("ann"), CALL.role_of("bob")) == (CallRole.CALLER, CallRole.CALLEE)
    with pytest.raises(NotFound):
        CALL.role_of("eve")


def test_a_call_that_lost_its_timeout_takes_nobody() -> None:
    begun = now() - timedelta(seconds=40)
    call = replace(CALL, created_at=to_text(begun))
    assert call.is_live(now())
    assert not call.is_live(now() + timedelta(seconds=30))
    assert replace(call, state=CallState.CONNECTED).is_live(now() + timedelta(hours=5))


@pytest.mark.parametrize(
    ("before", "after", "frame", "told", "missed"),
    [
        (None, CallState.RINGING, "call.ringing", ["ann", "bob"], False),
        (CallState.RINGING, CallState.ACCEPTED, "call.accepted", ["ann", "bob"], False),
        (CallState.ACCEPTED, CallState.CONNECTED, None, [], False),
        (CallState.CONNECTED, CallState.ENDED, "call.ended", ["ann", "bob"], False),
        (CallState.RINGING, CallState.DECLINED, "call.ended", ["ann", "bob"], False),
        (CallState.RINGING, CallState.MISSED, "call.ended", ["ann", "bob"], True),
        (CallState.RINGING, CallState.CANCELLED, "call.ended", ["ann", "bob"], True),
        (None, CallState.BUSY, "call.ended", ["ann"], True),
        (CallState.ENDED, CallState.ENDED, None, [], False),
    ],
)
def test_what_is_told_to_whom(
    before: CallState | None, after: CallState, frame: str | None, told: list[str], missed: bool
) -> None:
    effects = events.of_change(before, replace(CALL, state=after))
    assert [one.frame["type"] for one in effects.frames] == ([frame] if frame else [])
    assert [user for one in effects.frames for user in one.users] == told
    assert [one.type for one in effects.domain_events] == (["call.missed"] if missed else [])
    assert effects.starts_ringing == (after is CallState.RINGING)
    again = events.of_change(before, replace(CALL, state=after))
    assert [one.frame["eventId"] for one in again.frames] == [one.frame["eventId"] for one in effects.frames]


def test_turn_credentials_are_those_of_coturn() -> None:
    moment = now()
    stun, turn = ["stun:s:3478"], ["turn:t:3478"]
    assert ice.ice_servers("ann", moment, stun=[], turn=turn, secret="") == []
    first, second = ice.ice_servers("ann", moment, stun=stun, turn=turn, secret="north")
    assert first == {"urls": stun}
    expiry, user = second["username"].split(":")
    assert (user, int(expiry) > moment.timestamp()) == ("ann", True)
    expected = hmac.new(b"north", second["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(second["credential"]) == expected
