"""The state machine of a call as a table: the next state for each event and state, and the refusals of the others."""

from __future__ import annotations

from enum import StrEnum

from services.common.errors import CallOver, FieldError, WrongCallState, WrongParty


class CallState(StrEnum):
    """ringing → accepted → connected → ended; the others are other final states."""

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
    """The events of a call.

    ``here``: a device takes part, or says that it still does. ``leave``: the page of a party goes away. ``lapse``: that
    party has had no device for ``ABSENCE_LIMIT``; ``lose``: neither has. ``end``: a block, a suspension, or an account
    that is deleted.
    """

    ACCEPT = "accept"
    DECLINE = "decline"
    HANGUP = "hangup"
    HERE = "here"
    SIGNAL = "signal"
    LEAVE = "leave"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    LAPSE = "lapse"
    LOSE = "lose"
    END = "end"


class CallRole(StrEnum):
    """The actor. ``system`` is time, or another context."""

    CALLER = "caller"
    CALLEE = "callee"
    SYSTEM = "system"


LIVE = frozenset({CallState.RINGING, CallState.ACCEPTED, CallState.CONNECTED})
ENDS = frozenset(CallState) - LIVE
#: Both parties take part.
TALKING = frozenset({CallState.ACCEPTED, CallState.CONNECTED})
#: Ends after which the callee has missed the call.
MISSED_BY_CALLEE = frozenset({CallState.MISSED, CallState.CANCELLED, CallState.BUSY})

Transitions = dict[tuple[CallState, CallAction, CallRole], CallState]


def _of_talk(state: CallState) -> Transitions:
    """The transitions for both parties while they talk in ``state``."""
    found: Transitions = {}
    for role in (CallRole.CALLER, CallRole.CALLEE):
        stays = dict.fromkeys((CallAction.HERE, CallAction.SIGNAL, CallAction.LEAVE), state)
        over = dict.fromkeys((CallAction.HANGUP, CallAction.LAPSE), CallState.ENDED)
        found |= {(state, action, role): after for action, after in (stays | over).items()}
    found[state, CallAction.LOSE, CallRole.SYSTEM] = CallState.FAILED
    found[state, CallAction.END, CallRole.SYSTEM] = CallState.ENDED
    return found


TRANSITIONS: Transitions = {
    (CallState.RINGING, CallAction.ACCEPT, CallRole.CALLEE): CallState.ACCEPTED,
    (CallState.RINGING, CallAction.DECLINE, CallRole.CALLEE): CallState.DECLINED,
    (CallState.RINGING, CallAction.HANGUP, CallRole.CALLEE): CallState.DECLINED,
    (CallState.RINGING, CallAction.HANGUP, CallRole.CALLER): CallState.CANCELLED,
    (CallState.RINGING, CallAction.HERE, CallRole.CALLER): CallState.RINGING,
    (CallState.RINGING, CallAction.LEAVE, CallRole.CALLER): CallState.RINGING,
    (CallState.RINGING, CallAction.LAPSE, CallRole.CALLER): CallState.CANCELLED,
    (CallState.RINGING, CallAction.TIMEOUT, CallRole.SYSTEM): CallState.MISSED,
    (CallState.RINGING, CallAction.END, CallRole.SYSTEM): CallState.ENDED,
    **_of_talk(CallState.ACCEPTED),
    **_of_talk(CallState.CONNECTED),
    (CallState.ACCEPTED, CallAction.CONNECT, CallRole.SYSTEM): CallState.CONNECTED,
}
#: On a call that is over these change nothing and are no error.
_HARMLESS_WHEN_OVER = frozenset(CallAction) - {CallAction.ACCEPT, CallAction.HERE, CallAction.SIGNAL}


def next_state(state: CallState, action: CallAction, role: CallRole) -> CallState | None:
    """The state after ``action`` by ``role`` in ``state``; ``None`` when the call is over and the action has no effect.

    Raises:
        WrongParty: this party may never do that (the caller can't answer).
        CallOver: the call has ended.
        WrongCallState: not in this state.
    """
    found = TRANSITIONS.get((state, action, role))
    if found is not None:
        return found
    allowed = sorted({str(before) for before, known, actor in TRANSITIONS if (known, actor) == (action, role)})
    if not allowed:
        raise WrongParty(f"The {role} of a call can't {action} it.")
    if state in ENDS and action in _HARMLESS_WHEN_OVER:
        return None
    fault = FieldError("state", f"one of {', '.join(allowed)}", str(state))
    if state in ENDS:
        raise CallOver(f"The call is over ({state}).", fault)
    raise WrongCallState(f"In a call that is {state}, the {role} can't {action}.", fault)
