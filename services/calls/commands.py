"""What people do with calls, and what time does. HTTP and sockets share these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.calls import model
from services.calls.events import signal_frame
from services.calls.model import LIVE, Call, CallAction, CallMedia, CallRole, CallState, EndReason
from services.calls.repository import CallRepository, Current
from services.common.clock import now, now_text
from services.common.errors import Conflict, FieldError, Forbidden, NotFound, TooLarge
from services.common.ids import new_id
from services.common.people import People
from services.realtime.public import Delivery, Transport, encode

_ATTEMPTS = 5


@dataclass
class CallCommands:
    """What people do with calls; ``transport`` is asked for when it is needed first."""

    calls: CallRepository
    transport: Callable[[], Transport]
    people: People

    def start(self, caller_id: str, callee_id: str, media: CallMedia, device: str | None = None) -> Call:
        """Ring the callee; or a call in state ``busy``, when they are in another.

        Calling the same person again while the call rings gives that same call. ``device`` is the one that calls.

        Raises:
            BadRequest, Unprocessable: see ``check_callee``.
            NotFound: nobody has this id.
            Forbidden: one of the two blocks the other.
            Conflict: the caller is in another call; its id is among the errors.
        """
        model.check_callee(caller_id, callee_id)
        if callee_id not in self.people.find([callee_id]):
            raise NotFound("There is no such person.")
        if self.people.blocked_between(caller_id, [callee_id]):
            raise Forbidden("You can't call this person.")
        for _ in range(_ATTEMPTS):
            caller, callee = self.calls.current(caller_id), self.calls.current(callee_id)
            if mine := self._live(caller):
                if mine.state is CallState.RINGING and mine.parties == (caller_id, callee_id):
                    return mine if device is None else self.here(caller_id, mine.id, device)
                fault = FieldError("callId", "no other call of yours", mine.id)
                raise Conflict("Another call of yours is still on. End it first: its id is in `errors`.", fault)
            call = Call(new_id(), caller_id, callee_id, media, CallState.RINGING, now_text(), caller_device=device)
            if self._live(callee):
                busy = call.moved(CallState.BUSY, now_text(), reason=EndReason.IN_ANOTHER_CALL)
                self.calls.add_busy(busy)
                return busy
            if self.calls.begin(call, caller, callee):
                return call
        raise Conflict("One of you is beginning another call right now; try again.")

    def _live(self, current: Current) -> Call | None:
        """The call that takes a person now. One whose parties have all left without hanging up does not: it is lost."""
        call = current.call
        if call is None or not call.is_live(now()):
            return None
        if call.state is CallState.RINGING or any(self.transport().present(party) for party in call.parties):
            return call
        after = call.moved(CallState.FAILED, now_text(), reason=EndReason.BOTH_LEFT)
        self.calls.move(call, after)
        return None

    def act(self, user_id: str, call_id: str, action: CallAction, device: str | None = None) -> Call:
        """Accept, decline, hang up or leave; repeating what has been done gives the call as it is.

        ``device`` is the one that accepts, and takes part from then on.

        Raises:
            NotFound: no such call of theirs.
            Forbidden: a party that may never do this; accepting a person across a block.
            Conflict: see ``next_state``.
        """
        for _ in range(_ATTEMPTS):
            call = self._mine(user_id, call_id)
            if action is CallAction.ACCEPT:
                self._refuse_blocked(call, user_id)
                if device is not None and call.callee_device == device and call.takes_part(user_id):
                    return call
            role = call.role_of(user_id)
            state = model.next_state(call, action, role)
            if state is None:
                return call
            after = call.moved(state, now_text(), reason=model.left(role) if action is CallAction.LEAVE else None)
            if self.calls.move(call, after.with_device(user_id, device if action is CallAction.ACCEPT else None)):
                return after
        raise Conflict("The call is changing right now; try again.")

    def here(self, user_id: str, call_id: str, device: str) -> Call:
        """This party takes part by ``device`` from now on: its page has a new connection. Repeating it changes nothing.

        Raises:
            NotFound: no such call of theirs.
            Conflict: the call is over, or it rings and nobody has accepted it by any device yet.
        """
        for _ in range(_ATTEMPTS):
            call = self._mine(user_id, call_id)
            if call.state not in LIVE or not call.takes_part(user_id):
                fault = FieldError("state", "a call that you take part in", str(call.state))
                raise Conflict("You take no part in this call now.", fault)
            after = call.with_device(user_id, device)
            if after == call or self.calls.move(call, after):
                return after
        raise Conflict("The call is changing right now; try again.")

    def signal(self, user_id: str, call_id: str, payload: Mapping[str, Any]) -> None:
        """Relay an offer, an answer or a candidate to the other side's devices; nothing is kept.

        The first answer that is relayed makes an accepted call a connected one.

        Raises:
            NotFound: no such call of theirs.
            Forbidden: one of the two blocks the other.
            Conflict: the call is over.
            TooLarge: above 30 KB.
        """
        call = self._mine(user_id, call_id)
        self._refuse_blocked(call, user_id)
        if call.state not in LIVE:
            fault = FieldError("state", f"one of {', '.join(sorted(LIVE))}", str(call.state))
            raise Conflict("There is nothing to negotiate in a call that is over.", fault)
        if len(encode(payload)) > model.SIGNAL_BYTES_LIMIT:
            raise TooLarge(f"Expected at most {model.SIGNAL_BYTES_LIMIT} bytes of signalling.")
        frame = signal_frame(call.id, user_id, payload)
        self.transport().send([Delivery([call.other(user_id)], frame)])
        is_answer = (payload.get("description") or {}).get("type") == "answer"
        if is_answer:
            self._connect(call)

    def _connect(self, call: Call | None) -> None:
        """A party may come back by another device at the same moment: then it is tried again with what is there."""
        for _ in range(_ATTEMPTS):
            if call is None or call.state is not CallState.ACCEPTED:
                return
            state = model.next_state(call, CallAction.CONNECT, CallRole.SYSTEM)
            assert state is not None
            if self.calls.move(call, call.moved(state, now_text())):
                return
            call = self.calls.get(call.id)

    def _refuse_blocked(self, call: Call, user_id: str) -> None:
        if self.people.blocked_between(user_id, [call.other(user_id)]):
            raise Forbidden("You can't be in a call with this person.")

    def _mine(self, user_id: str, call_id: str) -> Call:
        model.check_call_id(call_id)
        call = self.calls.get(call_id)
        if call is None:
            raise model.no_call(call_id)
        call.role_of(user_id)
        return call
