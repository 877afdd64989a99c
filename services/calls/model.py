"""A call, the devices by which its parties take part, and the rules on them. No AWS here. States: ``states.py``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from services.calls.states import ENDS, LIVE, TALKING, CallAction, CallRole, CallState, next_state
from services.common.clock import from_text, to_text
from services.common.errors import (
    BadRequest,
    CallElsewhere,
    CallOver,
    FieldError,
    NotFound,
    NotInCall,
    StaleNegotiation,
    TooLarge,
    Unprocessable,
    WrongCallState,
)
from services.common.ids import is_id, is_user_id
from services.common.lazy_dataclasses import dataclass

RING_TIME = timedelta(seconds=30)
#: How long a party may be without a device in the call: a page whose connection breaks comes back well within it.
ABSENCE_LIMIT = timedelta(seconds=20)
#: A signal with its frame stays below the 32 KB of the transport.
SIGNAL_BYTES_LIMIT = 30 * 1024
#: Candidates in one signal.
CANDIDATES_LIMIT = 32
#: How long after the end of a call its pages may still report how it went.
REPORT_TIME = timedelta(minutes=1)
#: Samples in one report: more than a page takes in a minute.
SAMPLES_LIMIT = 40
#: Calls of one person to another that nobody answered, in ``UNANSWERED_WINDOW``.
UNANSWERED_LIMIT = 6
UNANSWERED_WINDOW = timedelta(minutes=5)

CallMedia = Literal["audio", "video"]
#: How media go: between the two browsers, or through a TURN server.
CallPath = Literal["direct", "relay"]


class EndReason(StrEnum):
    """Why a call ended, if the state alone does not say it: codes, which the UI translates."""

    NO_ANSWER = "no_answer"
    IN_ANOTHER_CALL = "in_another_call"
    CALLER_LEFT = "caller_left"
    CALLEE_LEFT = "callee_left"
    BOTH_LEFT = "both_left"


@dataclass(frozen=True)
class DevicePage:
    """The page that acts: its connection (only for sockets) and its session name; see ``Seat``."""

    device: str | None = None
    session: str | None = None

    @property
    def is_named(self) -> bool:
        return self.device is not None or self.session is not None


@dataclass(frozen=True)
class Seat:
    """The device with which a party takes part.

    ``device`` is the transport's opaque name of one connection; ``session`` the page's own name for itself, the same
    over all its connections. ``seen_at`` is the last sign of life, or when the device was gone; all are ``None`` for a
    party that has not yet said by which device it takes part.
    """

    device: str | None = None
    session: str | None = None
    seen_at: str | None = None

    @property
    def is_taken(self) -> bool:
        """Whether any device has taken part yet."""
        return self.device is not None or self.session is not None

    @property
    def is_away(self) -> bool:
        """Whether the device that took part is gone."""
        return self.device is None and self.seen_at is not None

    def is_of(self, page: DevicePage) -> bool:
        """Whether this page, on any connection, is the one that takes part."""
        by_connection = page.device is not None and page.device == self.device
        return by_connection or (page.session is not None and page.session == self.session)

    def lapses_at(self) -> datetime | None:
        """When the party counts as gone without a heartbeat; ``None``: never by time alone.

        A page with a session sends ``call.here`` as a heartbeat. A device without one is present while its connection
        is open.
        """
        if self.seen_at is None or (self.device is not None and self.session is None):
            return None
        return from_text(self.seen_at) + ABSENCE_LIMIT

    def has_lapsed(self, moment: datetime) -> bool:
        until = self.lapses_at()
        return until is not None and until <= moment


@dataclass(frozen=True)
class Quality:
    """A page's statistics of a call since its last report: round-trip times in milliseconds, and packet loss to the
    other side in percent."""

    path: CallPath
    round_trips: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()


@dataclass(frozen=True)
class Call:
    """Times are RFC 3339. ``epoch`` counts negotiations from 1: a party that comes back by another page begins a new
    one. ``revision`` counts all changes of the stored call."""

    id: str
    caller_id: str
    callee_id: str
    media: CallMedia
    state: CallState
    created_at: str
    answered_at: str | None = None
    ended_at: str | None = None
    reason: EndReason | None = None
    caller: Seat = Seat()
    callee: Seat = Seat()
    epoch: int = 1
    revision: int = 1

    @property
    def parties(self) -> tuple[str, str]:
        return self.caller_id, self.callee_id

    def role_of(self, user_id: str) -> CallRole:
        """Raises ``NotFound`` for anybody who is not a party."""
        if user_id not in self.parties:
            raise no_call(self.id)
        return CallRole.CALLER if user_id == self.caller_id else CallRole.CALLEE

    def other(self, user_id: str) -> str:
        """The party that ``user_id`` talks to."""
        return self.callee_id if user_id == self.caller_id else self.caller_id

    def seat_of(self, user_id: str) -> Seat:
        return self.caller if user_id == self.caller_id else self.callee

    def with_seat(self, user_id: str, seat: Seat) -> Call:
        return replace(self, caller=seat) if user_id == self.caller_id else replace(self, callee=seat)

    def takes_part(self, user_id: str) -> bool:
        """Whether this party is in the call, as opposed to being rung."""
        return self.state in TALKING or (self.state is CallState.RINGING and user_id == self.caller_id)

    def away(self) -> list[str]:
        """Parties whose device is gone, for less than ``ABSENCE_LIMIT``."""
        return [one for one in self.parties if self.takes_part(one) and self.seat_of(one).is_away]

    def moved(self, state: CallState, at: datetime, *, reason: EndReason | None = None) -> Call:
        """The call after a transition. Once answered, each party needs a device within ``ABSENCE_LIMIT``."""
        after = replace(self, state=state, ended_at=to_text(at) if state in ENDS else None, reason=reason)
        if state is not CallState.ACCEPTED or self.state is not CallState.RINGING:
            return after
        caller, callee = (replace(seat, seen_at=seat.seen_at or to_text(at)) for seat in (self.caller, self.callee))
        return replace(after, answered_at=to_text(at), caller=caller, callee=callee)

    def seated(self, user_id: str, page: DevicePage, at: datetime, *, take_over: bool = False) -> Call:
        """The call after this page reports that it takes part: for the first time, still, again, or in place of
        another.

        A page that replaces another has no peer connection yet, so it starts a new negotiation. It may replace one that
        is gone, or any with ``take_over``. Pages without a session can't be distinguished: the latest counts as the one
        before.

        Raises:
            CallElsewhere: another device of the party takes part.
        """
        seat = self.seat_of(user_id)
        same = seat.is_of(page) or (page.session is None and seat.session is None and not take_over)
        if not same and not take_over and seat.device is not None and not seat.has_lapsed(at):
            raise elsewhere()
        epoch = self.epoch if same or not seat.is_taken else self.epoch + 1
        taken = Seat(page.device, page.session or (seat.session if same else None), to_text(at))
        return replace(self.with_seat(user_id, taken), epoch=epoch)

    def without(self, user_id: str, at: datetime) -> Call:
        """The call after the party's device is gone."""
        return self.with_seat(user_id, replace(self.seat_of(user_id), device=None, seen_at=to_text(at)))

    def due(self, moment: datetime) -> Call | None:
        """The call after timeouts up to ``moment``; ``None`` when it goes on."""
        if self.state not in LIVE:
            return None
        lapsed = [one for one in self.parties if self.takes_part(one) and self.seat_of(one).has_lapsed(moment)]
        if len(lapsed) == 2:
            return self._after(CallAction.LOSE, CallRole.SYSTEM, moment, EndReason.BOTH_LEFT)
        if lapsed:
            role = self.role_of(lapsed[0])
            return self._after(CallAction.LAPSE, role, moment, left(role))
        if self.state is CallState.RINGING and moment - from_text(self.created_at) >= RING_TIME:
            return self._after(CallAction.TIMEOUT, CallRole.SYSTEM, moment, EndReason.NO_ANSWER)
        return None

    def _after(self, action: CallAction, role: CallRole, at: datetime, reason: EndReason | None) -> Call | None:
        state = next_state(self.state, action, role)
        return None if state is None else self.moved(state, at, reason=reason)

    def check_report(self, moment: datetime) -> None:
        """Check whether a party may report the quality of the call.

        Raises:
            WrongCallState: nobody has answered it.
            CallOver: it ended more than ``REPORT_TIME`` ago.
        """
        if self.answered_at is None:
            raise WrongCallState("Nobody has answered this call: there is nothing to report.")
        check_reported_in_time(self.ended_at, moment)

    def check_sender(self, user_id: str, page: DevicePage, epoch: int) -> None:
        """Only the participating device may send signals, and only for the current negotiation.

        Raises:
            NotInCall: this party takes part by no device, or by an earlier connection of this page.
            CallElsewhere: it takes part by another one.
            StaleNegotiation: the other party, or this one, has begun a new negotiation since.
        """
        seat = self.seat_of(user_id)
        if page.device is None or seat.device != page.device:
            if seat.device is not None and not seat.is_of(page):
                raise elsewhere()
            fault = FieldError("device", "the connection that takes part in the call", "another connection")
            raise NotInCall("Send `call.here` on this connection first.", fault)
        if epoch != self.epoch:
            fault = FieldError("epoch", str(self.epoch), str(epoch))
            raise StaleNegotiation("This signal belongs to an earlier negotiation of the call.", fault)


def check_reported_in_time(ended_at: str | None, moment: datetime) -> None:
    """Raises ``CallOver``: the call ended more than ``REPORT_TIME`` ago."""
    if ended_at is not None and moment - from_text(ended_at) > REPORT_TIME:
        raise CallOver(f"The call ended more than {REPORT_TIME.seconds} seconds ago.")


def left(role: CallRole) -> EndReason:
    """Why a call ended that this party left."""
    return EndReason.CALLER_LEFT if role is CallRole.CALLER else EndReason.CALLEE_LEFT


def elsewhere() -> CallElsewhere:
    fault = FieldError("takeOver", "true, to move the call to this device", "false")
    return CallElsewhere("You are in this call on another device.", fault)


def no_call(call_id: str) -> NotFound:
    return NotFound(f"Call {call_id[:64]!r} not found.")


def check_call_id(value: str) -> None:
    """Raises ``NotFound`` for an invalid call id."""
    if not is_id(value):
        raise no_call(value)


def check_size(signal: Mapping[str, Any]) -> None:
    """Raises ``TooLarge``: above 30 KB."""
    if len(json.dumps(signal, ensure_ascii=False, separators=(",", ":")).encode()) > SIGNAL_BYTES_LIMIT:
        raise TooLarge(f"The signal is too large: expected at most {SIGNAL_BYTES_LIMIT} bytes.")


def check_callee(caller_id: str, callee_id: str) -> None:
    """Raises ``BadRequest`` for an invalid user id, ``Unprocessable`` for the caller's own."""
    if not is_user_id(callee_id):
        raise BadRequest("This is not a user id.", FieldError("calleeId", "a user id (UUID)", repr(callee_id)[:64]))
    if callee_id == caller_id:
        raise Unprocessable("You can't call yourself.")
