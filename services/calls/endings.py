"""Ends calls without a hang-up: nobody answers, a party is gone, or the two may not call each other any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime, timedelta

from services.calls.events import call_frame
from services.calls.model import ABSENCE_LIMIT, Call, left
from services.calls.repository import CallRepository
from services.calls.states import LIVE, CallAction, CallRole, CallState, next_state
from services.common.clock import now
from services.common.lazy_dataclasses import dataclass
from services.realtime.public import Delivery, Transport

_ATTEMPTS = 5


@dataclass(frozen=True)
class Endings:
    """Endings of calls by time and by other contexts.

    Each method returns the ended call, or ``None`` when there was nothing to end; all are idempotent.

    Raises:
        RuntimeError: the call kept changing; the message is tried again.
    """

    calls: CallRepository
    clock: Callable[[], datetime] = field(default=now)

    def ring_out(self, call_id: str) -> Call | None:
        """The ring time is over: a call that still rings is missed.

        Raises:
            RuntimeError: asked too early; the message is tried again.
        """

        def missed(call: Call) -> Call | None:
            if call.state is not CallState.RINGING:
                return None
            if (after := call.due(self.clock())) is None:
                raise RuntimeError(f"call {call_id} may ring until 30 seconds after {call.created_at}")
            return after

        return self._change(call_id, missed)

    def device_left(self, user_id: str, device: str, at: datetime) -> Call | None:
        """The connection of a party is gone since ``at``: they have some time to come back."""
        current = self.calls.current(user_id)
        if current.call_id is None:
            return None

        def without(call: Call) -> Call | None:
            is_theirs = call.takes_part(user_id) and call.seat_of(user_id).device == device
            return call.without(user_id, at) if is_theirs else None

        return self._change(current.call_id, without)

    def look(self, transport: Transport, call_id: str, user_id: str, device: str | None) -> timedelta | None:
        """Check whether a party still takes part with ``device`` (``None``: it had none, or has lost it); end the call
        when it has been gone for too long.

        Returns:
            The delay until the next check; ``None`` when the call is over, or the party uses another device.
        """
        ended = self._change(call_id, lambda call: self._gone(transport, call, user_id, device))
        call = self.calls.get(call_id) if ended is None else None
        if call is None or not call.takes_part(user_id) or call.seat_of(user_id).device != device:
            return None
        until = call.seat_of(user_id).lapses_at()
        if until is None and device is not None:
            # Without heartbeats only the connection itself says that it stands; one that does not is then closed.
            transport.send([Delivery([user_id], call_frame("call.updated", call), only=device)])
        return max(until - self.clock(), timedelta(seconds=1)) if until else ABSENCE_LIMIT

    def _gone(self, transport: Transport, call: Call, user_id: str, device: str | None) -> Call | None:
        seat = call.seat_of(user_id)
        if not call.takes_part(user_id) or seat.device != device:
            return None
        if device is None or seat.session is not None or transport.is_open(user_id, device):
            return call.due(self.clock())
        role = call.role_of(user_id)
        state = next_state(call.state, CallAction.LAPSE, role)
        return call.moved(state, self.clock(), reason=left(role)) if state else None

    def end_between(self, one: str, other: str) -> Call | None:
        """One of the two blocks the other: their call ends as by a hang-up; neither learns who did it."""
        call = self.calls.current(one).call
        return self._end(call.id) if call is not None and set(call.parties) == {one, other} else None

    def end_of(self, user_id: str) -> Call | None:
        """Somebody is suspended, or their account is deleted."""
        call = self.calls.current(user_id).call
        return self._end(call.id) if call is not None else None

    def _end(self, call_id: str) -> Call | None:
        def ended(call: Call) -> Call | None:
            state = next_state(call.state, CallAction.END, CallRole.SYSTEM)
            return call.moved(state, self.clock()) if state else None

        return self._change(call_id, ended)

    def _change(self, call_id: str, change: Callable[[Call], Call | None]) -> Call | None:
        for _ in range(_ATTEMPTS):
            call = self.calls.get(call_id)
            after = change(call) if call is not None and call.state in LIVE else None
            if call is None or after is None:
                return None
            if stored := self.calls.move(call, after):
                return stored
        raise RuntimeError(f"call {call_id} kept changing")
