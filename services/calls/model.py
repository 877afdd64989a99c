"""The state machine of a call, as a table, and the rules around it. No AWS here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from services.common.clock import from_text
from services.common.errors import AppError, BadRequest, Conflict, FieldError, Forbidden, NotFound, Unprocessable
from services.common.ids import is_id, is_user_id

RING_TIME = timedelta(seconds=30)
#: A call that rings on past this has lost its timeout; nobody counts as busy because of it.
RING_LIMIT = RING_TIME + timedelta(seconds=30)
#: How long a party may be without a device in the call: a page whose connection breaks comes back well within it.
ABSENCE_LIMIT = timedelta(seconds=20)
#: An SDP or a candidate with its frame stays below the 32 KB of the transport.
SIGNAL_BYTES_LIMIT = 30 * 1024

CallMedia = Literal["audio", "video"]


class CallState(StrEnum):
    """ringing → accepted → connected → ended; the others are the other ends."""

    RINGING = "ringing"
    ACCEPTED = "accepted"
    CONNECTED = "connected"
    ENDED = "ended"
    DECLINED = "declined"
    BUSY = "busy"
    MISSED = "missed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class CallAction(StrEnum):
    """What may move a call."""

    ACCEPT = "accept"
    DECLINE = "decline"
    HANGUP = "hangup"
    TIMEOUT = "timeout"
    CONNECT = "connect"
    LOSE = "lose"
    LEAVE = "leave"
    BLOCK = "block"


class EndReason(StrEnum):
    """Why a call ended, where the state alone does not say it: codes, which the UI puts into words."""

    NO_ANSWER = "no_answer"
    IN_ANOTHER_CALL = "in_another_call"
    CALLER_LEFT = "caller_left"
    CALLEE_LEFT = "callee_left"
    BOTH_LEFT = "both_left"


class CallRole(StrEnum):
    """Who acts."""

    CALLER = "caller"
    CALLEE = "callee"
    SYSTEM = "system"


LIVE = frozenset({CallState.RINGING, CallState.ACCEPTED, CallState.CONNECTED})
ENDS = frozenset(CallState) - LIVE
#: Ends after which the callee has missed the call.
MISSED_BY_CALLEE = frozenset({CallState.MISSED, CallState.CANCELLED, CallState.BUSY})

TRANSITIONS: dict[tuple[CallState, CallAction, CallRole], CallState] = {
    (CallState.RINGING, CallAction.ACCEPT, CallRole.CALLEE): CallState.ACCEPTED,
    (CallState.RINGING, CallAction.DECLINE, CallRole.CALLEE): CallState.DECLINED,
    (CallState.RINGING, CallAction.HANGUP, CallRole.CALLEE): CallState.DECLINED,
    (CallState.RINGING, CallAction.HANGUP, CallRole.CALLER): CallState.CANCELLED,
    (CallState.RINGING, CallAction.TIMEOUT, CallRole.SYSTEM): CallState.MISSED,
    (CallState.ACCEPTED, CallAction.CONNECT, CallRole.SYSTEM): CallState.CONNECTED,
    (CallState.ACCEPTED, CallAction.HANGUP, CallRole.CALLER): CallState.ENDED,
    (CallState.ACCEPTED, CallAction.HANGUP, CallRole.CALLEE): CallState.ENDED,
    (CallState.CONNECTED, CallAction.HANGUP, CallRole.CALLER): CallState.ENDED,
    (CallState.CONNECTED, CallAction.HANGUP, CallRole.CALLEE): CallState.ENDED,
    (CallState.ACCEPTED, CallAction.LOSE, CallRole.SYSTEM): CallState.FAILED,
    (CallState.CONNECTED, CallAction.LOSE, CallRole.SYSTEM): CallState.FAILED,
    (CallState.RINGING, CallAction.LEAVE, CallRole.CALLER): CallState.CANCELLED,
    (CallState.ACCEPTED, CallAction.LEAVE, CallRole.CALLER): CallState.ENDED,
    (CallState.ACCEPTED, CallAction.LEAVE, CallRole.CALLEE): CallState.ENDED,
    (CallState.CONNECTED, CallAction.LEAVE, CallRole.CALLER): CallState.ENDED,
    (CallState.CONNECTED, CallAction.LEAVE, CallRole.CALLEE): CallState.ENDED,
    (CallState.RINGING, CallAction.BLOCK, CallRole.SYSTEM): CallState.ENDED,
    (CallState.ACCEPTED, CallAction.BLOCK, CallRole.SYSTEM): CallState.ENDED,
    (CallState.CONNECTED, CallAction.BLOCK, CallRole.SYSTEM): CallState.ENDED,
}
#: Repeating these on a call that is over changes nothing and is no error.
_HARMLESS_WHEN_OVER = frozenset(
    {CallAction.HANGUP, CallAction.DECLINE, CallAction.TIMEOUT, CallAction.LOSE, CallAction.LEAVE, CallAction.BLOCK}
)


@dataclass(frozen=True)
class Call:
    """Times are RFC 3339. The devices are the opaque ones of the transport by which the parties take part: those that
    called and answered by socket, or said since that they are here; ``None`` where none has said so."""

    id: str
    caller_id: str
    callee_id: str
    media: CallMedia
    state: CallState
    created_at: str
    ended_at: str | None = None
    reason: EndReason | None = None
    caller_device: str | None = None
    callee_device: str | None = None

    @property
    def parties(self) -> tuple[str, str]:
        return self.caller_id, self.callee_id

    def role_of(self, user_id: str) -> CallRole:
        """Raises ``NotFound``: who is no party learns nothing."""
        if user_id not in self.parties:
            raise no_call(self.id)
        return CallRole.CALLER if user_id == self.caller_id else CallRole.CALLEE

    def other(self, user_id: str) -> str:
        """The party that ``user_id`` talks to."""
        return self.callee_id if user_id == self.caller_id else self.caller_id

    def device_of(self, user_id: str) -> str | None:
        """The device by which a party takes part."""
        return self.caller_device if user_id == self.caller_id else self.callee_device

    def with_device(self, user_id: str, device: str | None) -> Call:
        """The call after a party takes part by ``device``; ``None`` changes nothing."""
        if device is None:
            return self
        if user_id == self.caller_id:
            return replace(self, caller_device=device)
        return replace(self, callee_device=device)

    def takes_part(self, user_id: str) -> bool:
        """Whether this party is in the call, as opposed to being rung."""
        return self.state is not CallState.RINGING or user_id == self.caller_id

    def is_live(self, moment: datetime) -> bool:
        """Whether its parties are taken by it."""
        if self.state is CallState.RINGING:
            return moment - from_text(self.created_at) < RING_LIMIT
        return self.state in LIVE

    def is_due(self, moment: datetime) -> bool:
        """Whether it has rung long enough to be missed."""
        return moment - from_text(self.created_at) >= RING_TIME

    def moved(self, state: CallState, at: str, *, reason: EndReason | None = None) -> Call:
        """The call after a transition."""
        return replace(self, state=state, ended_at=at if state in ENDS else None, reason=reason)


def left(role: CallRole) -> EndReason:
    """Why a call ended that this party left."""
    return EndReason.CALLER_LEFT if role is CallRole.CALLER else EndReason.CALLEE_LEFT


def grace_left(gone_at: str, moment: datetime) -> timedelta:
    """How much of ``ABSENCE_LIMIT`` is left to a party whose device was gone at ``gone_at``."""
    return max(timedelta(0), from_text(gone_at) + ABSENCE_LIMIT - moment)


def next_state(call: Call, action: CallAction, role: CallRole) -> CallState | None:
    """Where ``action`` by ``role`` leads; ``None`` when the call is over and the action asks for nothing more.

    Raises:
        Forbidden: this party may never do that (the caller can't answer).
        Conflict: not in this state.
    """
    found = TRANSITIONS.get((call.state, action, role))
    if found is not None:
        return found
    if not any((known, actor) == (action, role) for _, known, actor in TRANSITIONS):
        raise Forbidden(f"The {role} of a call can't {action} it.")
    if call.state in ENDS and action in _HARMLESS_WHEN_OVER:
        return None
    raise wrong_state(call, action)


def wrong_state(call: Call, action: CallAction) -> AppError:
    states = sorted({str(state) for state, known, _ in TRANSITIONS if known is action})
    fault = FieldError("state", f"one of {', '.join(states)}", str(call.state))
    return Conflict(f"A call that is {call.state} can't be changed by {action}.", fault)


def no_call(call_id: str) -> NotFound:
    return NotFound(f"There is no call {call_id[:64]!r} of yours.")


def check_call_id(value: str) -> None:
    """Raises ``NotFound`` for what can't be the id of a call."""
    if not is_id(value):
        raise no_call(value)


def check_callee(caller_id: str, callee_id: str) -> None:
    """Raises ``BadRequest`` for what is no user id, ``Unprocessable`` for oneself."""
    if not is_user_id(callee_id):
        raise BadRequest("Nobody can have this id.", FieldError("calleeId", "a user id (UUID)", repr(callee_id)[:64]))
    if callee_id == caller_id:
        raise Unprocessable("A call is with somebody else.")
