"""What follows from a change of a call: frames for both sides, a domain event for who missed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.calls.model import ENDS, MISSED_BY_CALLEE, Call, CallState
from services.calls.resources import to_resource
from services.common.clock import now_text
from services.common.events import CallMissed
from services.common.ids import derived_id, new_id
from services.common.outbox import Outgoing, frame


@dataclass(frozen=True)
class Effects:
    """What to do because of one change."""

    frames: list[Outgoing] = field(default_factory=list)
    domain_events: list[CallMissed] = field(default_factory=list)
    starts_ringing: bool = False


def of_change(before: CallState | None, call: Call) -> Effects:
    """All devices of both sides hear each state: the callee's others stop ringing when one has answered."""
    if before is call.state:
        return Effects()
    kind = _kind(call.state)
    if kind is None:
        return Effects()
    users = [call.caller_id] if call.state is CallState.BUSY else list(call.parties)
    at = call.ended_at or (call.created_at if call.state is CallState.RINGING else None)
    shown = frame(kind, derived_id(kind, call.id, call.state), {"call": to_resource(call)}, at)
    missed = [_missed(call)] if call.state in MISSED_BY_CALLEE else []
    return Effects([Outgoing(call.id, users, shown)], missed, call.state is CallState.RINGING)


def _kind(state: CallState) -> str | None:
    if state in ENDS:
        return "call.ended"
    return {CallState.RINGING: "call.ringing", CallState.ACCEPTED: "call.accepted"}.get(state)


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
