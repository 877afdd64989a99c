"""Effects of a change of a call: frames for both sides, timers, domain events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from services.calls.model import RING_TIME, Call
from services.calls.resources import Offer, to_resource
from services.calls.states import ENDS, MISSED_BY_CALLEE, CallState
from services.common.clock import from_text, now_text, to_text
from services.common.events import CallMissed, CallRinging, CallRingingEnded, DomainEvent
from services.common.ids import derived_id, new_id
from services.common.lazy_dataclasses import dataclass
from services.common.outbox import Outgoing, frame
from services.common.people import Person


@dataclass(frozen=True)
class Effects:
    """The effects of one change. ``watched``: parties whose device is checked from now on."""

    frames: list[Outgoing] = field(default_factory=list)
    domain_events: list[DomainEvent] = field(default_factory=list)
    starts_ringing: bool = False
    watched: list[str] = field(default_factory=list)


def of_change(before: Call | None, call: Call) -> Effects:
    """All devices of both sides get each state: the callee's other devices stop ringing when one has answered."""
    kind = _kind(before, call)
    is_new = before is None or before.state is not call.state
    starts_ringing = is_new and call.state is CallState.RINGING
    frames = []
    if kind is not None:
        users = [call.caller_id] if call.state is CallState.BUSY else list(call.parties)
        frames = [Outgoing(call.id, users, call_frame(kind, call))]
    return Effects(frames, _domain_events(before, call) if is_new else [], starts_ringing, _watched(before, call))


def _kind(before: Call | None, call: Call) -> str | None:
    if before is not None and before.state is call.state:
        return None if _shown(before) == _shown(call) else "call.updated"
    if call.state in ENDS:
        return "call.ended"
    return {CallState.RINGING: "call.ringing", CallState.ACCEPTED: "call.accepted"}.get(call.state)


def _shown(call: Call) -> tuple[object, ...]:
    """Changes that are sent to the parties: not heartbeats. A page's new connection is one, because frames to the old
    one have to be sent again."""
    return (call.epoch, *((seat.device, seat.session) for seat in (call.caller, call.callee)))


def _watched(before: Call | None, call: Call) -> list[str]:
    """Parties whose device changed or was lost; in a call that has just been answered, also parties without a device
    yet."""

    def is_new(user: str) -> bool:
        seat = call.seat_of(user)
        if before is None or not before.takes_part(user):
            return seat.is_taken or user == call.callee_id
        return before.seat_of(user).device != seat.device or before.seat_of(user).seen_at is None

    return [user for user in call.parties if call.takes_part(user) and is_new(user) and call.seat_of(user).seen_at]


def call_frame(kind: str, call: Call) -> dict[str, Any]:
    """The same id for the same change, however often it is sent."""
    at = call.ended_at or (call.created_at if call.state is CallState.RINGING else None)
    return frame(kind, derived_id(kind, call.id, call.state, str(call.revision)), {"call": to_resource(call)}, at)


def ringing_frame(call: Call, caller: Person | None, offer: Offer | None) -> dict[str, Any]:
    """The frame of ``call_frame``, with everything that the callee's page needs to answer."""
    told = call_frame("call.ringing", call)
    more = {"caller": caller.author() if caller else None, "offer": offer}
    return {**told, "data": told["data"] | {name: value for name, value in more.items() if value is not None}}


def _domain_events(before: Call | None, call: Call) -> list[DomainEvent]:
    """The domain event of a call that has changed its state."""
    found: list[DomainEvent] = []
    if call.state is CallState.RINGING:
        found.append(_ringing(call))
    elif before is not None and before.state is CallState.RINGING:
        found.append(_ringing_ended(call))
    if call.state in MISSED_BY_CALLEE:
        found.append(_missed(call))
    return found


def _ringing(call: Call) -> CallRinging:
    return CallRinging(
        cause=call.id,
        actor=call.caller_id,
        at=call.created_at,
        call_id=call.id,
        caller_id=call.caller_id,
        callee_id=call.callee_id,
        media=call.media,
        until=to_text(from_text(call.created_at) + RING_TIME),
    )


def _ringing_ended(call: Call) -> CallRingingEnded:
    return CallRingingEnded(
        cause=call.id, actor=call.caller_id, call_id=call.id, caller_id=call.caller_id, callee_id=call.callee_id
    )


def _missed(call: Call) -> CallMissed:
    return CallMissed(
        cause=call.id,
        actor=call.caller_id,
        at=call.ended_at or now_text(),
        call_id=call.id,
        caller_id=call.caller_id,
        callee_id=call.callee_id,
    )


def signal_frame(call_id: str, sender: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    return frame("call.signal", new_id(), {"callId": call_id, "from": sender, **payload})
