"""Commands on calls, shared by HTTP and sockets. Endings by time and other contexts: ``endings.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from services.calls import model
from services.calls.events import call_frame, ringing_frame, signal_frame
from services.calls.model import Call, CallMedia, DevicePage, EndReason
from services.calls.repository import CallRepository, Current, Engagement, RungTooOften
from services.calls.resources import Offer
from services.calls.states import LIVE, TALKING, CallAction, CallRole, CallState, next_state
from services.common.clock import now, to_text
from services.common.errors import Conflict, FieldError, Forbidden, InAnotherCall, NotFound, TooManyRequests
from services.common.ids import new_id
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.common.people import People
from services.common.tracing import current
from services.realtime.public import Delivery, Frame, Transport, TransportDown

_ATTEMPTS = 5
_UNNAMED = DevicePage()


class Reachability(Protocol):
    """Chat's rules on who may reach whom."""

    def may_reach(self, user_id: str, other_id: str) -> bool:
        """Whether a first message of this person would be accepted, or the two have a conversation already."""


@dataclass
class CallCommands:
    """Commands on calls; ``transport`` is created at first use."""

    calls: CallRepository
    transport: Callable[[], Transport]
    people: People
    reach: Reachability
    clock: Callable[[], datetime] = now

    def start(
        self,
        caller_id: str,
        callee_id: str,
        media: CallMedia,
        page: DevicePage = _UNNAMED,
        offer: Offer | None = None,
    ) -> Call:
        """Ring the callee; or a call in state ``busy``, when they are in another.

        Two people have at most one call with each other. If the callee's call rings for the caller, this answers it; if
        the caller's call already rings, or the caller's page had left, the caller rejoins it.

        Args:
            offer: relayed to every device that begins to ring; dropped where none does.

        Raises:
            BadRequest, Unprocessable: see ``check_callee``.
            NotFound: nobody has this id.
            Forbidden: one of the two blocks the other, or the callee takes no first message of the caller.
            InAnotherCall: with somebody else, or by another device; its id is among the errors.
            TooManyRequests: the callee did not answer several times.
            TooLarge: an offer above 30 KB.
        """
        model.check_callee(caller_id, callee_id)
        model.check_size({"offer": offer})
        people, is_blocked = self.people.meet(caller_id, callee_id)
        if callee_id not in people:
            raise NotFound("Person not found.")
        if is_blocked:
            raise Forbidden("You can't call this person.")
        for _ in range(_ATTEMPTS):
            engaged = self.calls.engagements([caller_id, callee_id])
            caller, callee = engaged[caller_id], engaged[callee_id]
            mine, theirs = self._live(caller.current), self._live(callee.current)
            if mine:
                return self._join(caller_id, callee_id, mine, page)
            if group := self._group_call_of(caller, caller_id):
                fault = FieldError("conversationId", "no group call in progress", group)
                raise InAnotherCall("You are in a group call. Leave it first: its conversation is in `errors`.", fault)
            if not self.reach.may_reach(caller_id, callee_id):
                raise Forbidden("You can't call this person.")
            call = self._new(caller_id, callee_id, media, page)
            if theirs or self._group_call_of(callee, callee_id):
                busy = call.moved(CallState.BUSY, self.clock(), reason=EndReason.IN_ANOTHER_CALL)
                self.calls.add_busy(busy)
                return busy
            if self._begin(call, caller.current, callee.current):
                self._tell_at_once(callee_id, ringing_frame(call, people.get(caller_id), offer))
                return call
        raise Conflict("One of you is starting another call right now. Try again.")

    def _group_call_of(self, engaged: Engagement, user_id: str) -> str | None:
        """The conversation in whose group call somebody is."""
        room = engaged.room.at(self.clock()) if engaged.room else None
        return room.conversation_id if room and room.place_of(user_id) else None

    def _new(self, caller_id: str, callee_id: str, media: CallMedia, page: DevicePage) -> Call:
        at = self.clock()
        call = Call(new_id(), caller_id, callee_id, media, CallState.RINGING, to_text(at))
        return call.seated(caller_id, page, at) if page.is_named else call

    def _live(self, current: Current) -> Call | None:
        """The person's current call. A call that has timed out is ended here, unless it has been already."""
        call = current.call
        if call is None or call.state not in LIVE:
            return None
        ended = call.due(self.clock())
        if ended is None:
            return call
        self.calls.move(call, ended)
        return None

    def _join(self, caller_id: str, callee_id: str, call: Call, page: DevicePage) -> Call:
        """Call somebody during a live call: the same call, if it is with them."""
        if set(call.parties) == {caller_id, callee_id}:
            if call.state is CallState.RINGING and call.callee_id == caller_id:
                return self.act(caller_id, call.id, CallAction.ACCEPT, page)
            if call.state is CallState.RINGING or call.seat_of(caller_id).device is None:
                return self.here(caller_id, call.id, page, take_over=True) if page.is_named else call
        fault = FieldError("callId", "no other call in progress", call.id)
        raise InAnotherCall("You have another call in progress. End it first: its id is in `errors`.", fault)

    def _begin(self, call: Call, caller: Current, callee: Current) -> bool:
        """Limit how often a caller can ring a callee who does not answer."""
        try:
            return self.calls.begin(call, caller, callee)
        except RungTooOften as error:
            raise TooManyRequests(
                f"They did not answer {model.UNANSWERED_LIMIT} of your calls. Try again in {error.seconds} seconds."
            ) from error

    def act(
        self,
        user_id: str,
        call_id: str,
        action: CallAction,
        page: DevicePage = _UNNAMED,
        answer: Mapping[str, Any] | None = None,
    ) -> Call:
        """Accept, decline or hang up; a repeated action returns the call unchanged.

        Args:
            page: the one that accepts, and takes part from then on.
            answer: of the page that accepts, to the offer that came with the ringing: ``epoch`` and what is relayed to
                the caller's device. It is dropped where that device is gone or has been replaced since; then the
                caller offers again.

        Raises:
            NotFound: no such call of theirs.
            Forbidden: accepting a person across a block.
            WrongParty, CallOver, WrongCallState: see ``next_state``.
            CallElsewhere: another device has accepted.
            TooLarge: an answer above 30 KB.
        """
        model.check_size(answer or {})
        for _ in range(_ATTEMPTS):
            call = self._mine(user_id, call_id)
            if action is CallAction.ACCEPT:
                self._refuse_blocked(call, user_id)
                if page.is_named and call.state in TALKING and user_id == call.callee_id:
                    return self._again(user_id, call, page)
            state = next_state(call.state, action, call.role_of(user_id))
            if state is None:
                return call
            after = call.moved(state, self.clock())
            if action is CallAction.ACCEPT and page.is_named:
                after = after.seated(user_id, page, self.clock())
            if stored := self.calls.move(call, after):
                return self._accepted(stored, answer) if action is CallAction.ACCEPT else stored
        raise Conflict("The call is changing right now; try again.")

    def _accepted(self, call: Call, answer: Mapping[str, Any] | None) -> Call:
        """The answer is sent first: a caller who receives ``call.accepted`` without one sends a new offer."""
        is_relayed = False
        if answer is not None and answer["epoch"] == call.epoch and call.callee.device is not None:
            try:
                is_relayed = self._relay(call, call.callee_id, answer)
            except TransportDown as error:
                logger.warning("an answer was not relayed", extra={"reason": repr(error)[:200]})
        self._tell_at_once(call.caller_id, call_frame("call.accepted", call))
        self.calls.forget_unanswered(call.caller_id, call.callee_id, self.clock())
        return self._connect(call) if is_relayed else call

    def _tell_at_once(self, user_id: str, frame: Frame) -> None:
        """Both people wait for these frames, so they are sent directly as well as through the table's stream. The
        projector sends the same frames, and pages deduplicate them by event id."""
        trace = current()
        try:
            self.transport().send([Delivery([user_id], {**frame, "trace": trace} if trace else frame)])
        except TransportDown as error:
            logger.warning("a call is told by the projector alone", extra={"reason": repr(error)[:200]})

    def _again(self, callee_id: str, call: Call, page: DevicePage) -> Call:
        """The device that answered may repeat the action."""
        if not call.callee.is_of(page):
            raise model.elsewhere()
        return self.here(callee_id, call.id, page)

    def here(self, user_id: str, call_id: str, page: DevicePage, *, take_over: bool = False) -> Call:
        """Record that this party takes part with ``page``: for the first time, still, or again; see ``Call.seated``.

        Raises:
            NotFound: no such call of theirs.
            CallOver, WrongCallState, WrongParty: it is over, or it rings for this party.
            CallElsewhere: another device of theirs takes part, and ``take_over`` is not asked for.
        """
        for _ in range(_ATTEMPTS):
            call = self._mine(user_id, call_id)
            next_state(call.state, CallAction.HERE, call.role_of(user_id))
            after = call.seated(user_id, page, self.clock(), take_over=take_over)
            if stored := self.calls.move(call, after):
                return stored
        raise Conflict("The call is changing right now; try again.")

    def leave(self, user_id: str, call_id: str, page: DevicePage) -> Call:
        """The page leaves. The call continues for ``ABSENCE_LIMIT``, so that this party can come back; no effect when
        another page takes part by now.

        Raises:
            NotFound: no such call of theirs.
            WrongCallState, WrongParty: the call rings for this party.
        """
        for _ in range(_ATTEMPTS):
            call = self._mine(user_id, call_id)
            if next_state(call.state, CallAction.LEAVE, call.role_of(user_id)) is None:
                return call
            seat = call.seat_of(user_id)
            if seat.is_away or (page.is_named and not seat.is_of(page)):
                return call
            if stored := self.calls.move(call, call.without(user_id, self.clock())):
                return stored
        raise Conflict("The call is changing right now; try again.")

    def signal(self, user_id: str, call_id: str, page: DevicePage, epoch: int, payload: Mapping[str, Any]) -> bool:
        """Relay an offer, an answer or candidates to the device of the other side; nothing is kept.

        The first answer that is relayed makes an accepted call a connected one.

        Returns:
            Whether that device received it. If not, it reconnects (``call.updated``) or has left.

        Raises:
            NotFound: no such call of theirs.
            Forbidden: one of the two blocks the other.
            CallOver, WrongCallState: the call is not being talked in.
            CallElsewhere, NotInCall, StaleNegotiation: see ``Call.check_sender``.
            TooLarge: above 30 KB.
        """
        call = self._mine(user_id, call_id)
        self._refuse_blocked(call, user_id)
        next_state(call.state, CallAction.SIGNAL, call.role_of(user_id))
        call.check_sender(user_id, page, epoch)
        model.check_size(payload)
        sent = self._relay(call, user_id, {"epoch": epoch, **payload})
        if sent and (payload.get("description") or {}).get("type") == "answer":
            self._connect(call)
        return sent

    def _relay(self, call: Call, user_id: str, signal: Mapping[str, Any]) -> bool:
        other = call.other(user_id)
        device = call.seat_of(other).device
        if device is None:
            return False
        frame = signal_frame(call.id, user_id, signal)
        return self.transport().send([Delivery([other], frame, only=device)]).delivered > 0

    def _connect(self, call: Call) -> Call:
        """If a party comes back on another device at the same moment, retry with the stored state."""
        for _ in range(_ATTEMPTS):
            if call.state is not CallState.ACCEPTED:
                break
            state = next_state(call.state, CallAction.CONNECT, CallRole.SYSTEM)
            assert state is not None
            if stored := self.calls.move(call, call.moved(state, self.clock())):
                return stored
            call = self.calls.get(call.id) or call
        return call

    def _refuse_blocked(self, call: Call, user_id: str) -> None:
        if self.people.blocked_between(user_id, [call.other(user_id)]):
            raise Forbidden("You can't be in a call with this person.")

    def _mine(self, user_id: str, call_id: str) -> Call:
        """The call's current state: one that has timed out is over, even if that is not stored yet."""
        model.check_call_id(call_id)
        for _ in range(_ATTEMPTS):
            call = self.calls.get(call_id)
            if call is None:
                raise model.no_call(call_id)
            call.role_of(user_id)
            ended = call.due(self.clock())
            if ended is None:
                return call
            if stored := self.calls.move(call, ended):
                return stored
        raise Conflict("The call is changing right now; try again.")
