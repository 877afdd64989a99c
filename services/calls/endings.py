"""How calls end without anybody ending them: nobody answers, a party is gone, one of the two blocks the other."""

from __future__ import annotations

from services.calls import model
from services.calls.model import LIVE, Call, CallAction, CallRole, CallState, EndReason
from services.calls.repository import CallRepository
from services.common.clock import now, now_text
from services.realtime.public import Transport

_ATTEMPTS = 5


def ring_out(calls: CallRepository, call_id: str) -> Call | None:
    """The ring time is over: a call that still rings is missed. Returns it, or ``None`` when there is nothing to do.

    Raises:
        RuntimeError: asked too early; the message is tried again.
    """
    for _ in range(_ATTEMPTS):
        call = calls.get(call_id)
        if call is None or call.state is not CallState.RINGING:
            return None
        if not call.is_due(now()):
            raise RuntimeError(f"call {call_id} may ring until 30 seconds after {call.created_at}")
        after = call.moved(CallState.MISSED, now_text(), reason=EndReason.NO_ANSWER)
        if calls.move(call, after):
            return after
    raise RuntimeError(f"call {call_id} kept changing")


def call_left(calls: CallRepository, user_id: str, device: str) -> Call | None:
    """The live call that a person took part in by ``device``, which is gone now."""
    call = calls.current(user_id).call
    return call if call is not None and call.state in LIVE and call.device_of(user_id) == device else None


def absent_parties(call: Call, before: Call | None, transport: Transport) -> list[str]:
    """Those who take part in a live call without an open device, asked when the call or their device has changed.

    A device may close before the call knows of it: so who writes it asks afterwards whether it is open, and who closes
    it asks afterwards whether a call knows of it; one of the two sees the other.
    """
    if call.state not in LIVE:
        return []
    accepted_now = call.state is CallState.ACCEPTED and (before is None or before.state is CallState.RINGING)

    def is_absent(user: str) -> bool:
        device = call.device_of(user)
        if device is None:
            return accepted_now
        is_new = before is None or before.device_of(user) != device
        return (accepted_now or is_new) and not transport.is_open(user, device)

    return [user for user in call.parties if is_absent(user)]


def end_without(
    calls: CallRepository, transport: Transport, call_id: str, user_id: str, device: str | None
) -> Call | None:
    """A party has had its time to come back since ``device`` was gone (``None``: since it should have had one).

    Returns:
        The call, ended; ``None`` when the party takes part by another device or by this one after all, or when the
        call is over.
    """
    for _ in range(_ATTEMPTS):
        call = calls.get(call_id)
        if call is None or call.state not in LIVE or call.device_of(user_id) != device:
            return None
        if device is not None and transport.is_open(user_id, device):
            return None
        role = call.role_of(user_id)
        state = model.next_state(call, CallAction.LEAVE, role)
        assert state is not None
        after = call.moved(state, now_text(), reason=model.left(role))
        if calls.move(call, after):
            return after
    raise RuntimeError(f"call {call_id} kept changing")


def end_between(calls: CallRepository, one: str, other: str) -> Call | None:
    """One of the two blocks the other: their call ends, as if it had been hung up; neither learns who did what."""
    for _ in range(_ATTEMPTS):
        call = calls.current(one).call
        if call is None or call.state not in LIVE or set(call.parties) != {one, other}:
            return None
        state = model.next_state(call, CallAction.BLOCK, CallRole.SYSTEM)
        assert state is not None
        after = call.moved(state, now_text())
        if calls.move(call, after):
            return after
    raise RuntimeError(f"the call between {one} and {other} kept changing")
