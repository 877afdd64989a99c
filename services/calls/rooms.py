"""A group call (room): its participants, their pages, and the rules on them. No AWS here.

Each conversation has one room at most at a time. Up to four send to each other (a mesh); with more the media go through
a media server (SFU), where there is one, until the room is over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from services.calls.model import ABSENCE_LIMIT, CallMedia, DevicePage, elsewhere
from services.common.clock import from_text, to_text
from services.common.errors import FieldError, NotInCall, RoomFull, StaleNegotiation
from services.common.lazy_dataclasses import dataclass

#: In a mesh each device encodes for each other one: more than this is too much for phones and for their uplinks.
MESH_LIMIT = 4

#: How media get from one to the others.
RoomPath = Literal["mesh", "sfu"]
#: Tracks that a page may send: docs/contexts/calls.md, "Group calls".
RoomLine = Literal["microphone", "camera", "screen", "screenSound"]


@dataclass(frozen=True)
class Place:
    """One who takes part. ``device`` and ``session``: see ``model.Seat``. ``muted`` is what this person says of their
    own microphone, ``sends`` which lines their page sends now; nobody sets these for another."""

    user_id: str
    device: str
    session: str
    seen_at: str
    joined_at: str
    muted: bool = False
    sends: tuple[RoomLine, ...] = ()

    def is_of(self, page: DevicePage) -> bool:
        return page.session == self.session

    def lapses_at(self) -> datetime:
        """When the page counts as gone without a heartbeat."""
        return from_text(self.seen_at) + ABSENCE_LIMIT


@dataclass(frozen=True)
class Attendance:
    """How long somebody was in a group call: ``seconds`` of the times that are over, and ``since`` when they are in it
    now."""

    user_id: str
    seconds: int = 0
    since: str | None = None

    def until(self, moment: datetime) -> int:
        """Total seconds, at the end of the call or at this moment."""
        return self.seconds + (_seconds(self.since, moment) if self.since else 0)


@dataclass(frozen=True)
class GroupCall:
    """A group call in the lists of calls of its participants, and of people for whom it rang."""

    id: str
    conversation_id: str
    title: str | None
    media: CallMedia
    started_by: str
    created_at: str
    ended_at: str | None
    attendances: tuple[Attendance, ...]


def _counted(left: tuple[Attendance, ...], place: Place, until: datetime) -> tuple[Attendance, ...]:
    """``left`` with the time of a participant who leaves."""
    before = next((one for one in left if one.user_id == place.user_id), Attendance(place.user_id))
    others = tuple(one for one in left if one is not before)
    return (*others, replace(before, seconds=before.seconds + _seconds(place.joined_at, until)))


def _seconds(since: str, moment: datetime) -> int:
    return max(0, round((moment - from_text(since)).total_seconds()))


@dataclass(frozen=True)
class Room:
    """``title`` is the group's. ``audience`` are the members of the conversation, who hear of the room; it does not
    ring for those of them who had muted the conversation when it began, or who block the one who began it, or are
    blocked by them (``quiet``). ``left`` is how long people were in it who have left, also if they came back.
    ``limit``: how many may take part. ``revision`` counts all changes of the stored room."""

    id: str
    conversation_id: str
    media: CallMedia
    started_by: str
    created_at: str
    places: tuple[Place, ...] = ()
    audience: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    ended_at: str | None = None
    path: RoomPath = "mesh"
    limit: int = MESH_LIMIT
    revision: int = 0
    title: str | None = None
    left: tuple[Attendance, ...] = ()

    def call(self) -> GroupCall:
        """The record of this call."""
        since = {place.user_id: place.joined_at for place in self.places}
        before = {one.user_id: one for one in self.left}
        everybody = dict.fromkeys((*before, *since))
        attendances = tuple(replace(before.get(one, Attendance(one)), since=since.get(one)) for one in everybody)
        return GroupCall(
            self.id, self.conversation_id, self.title, self.media, self.started_by, self.created_at, self.ended_at,
            attendances,
        )  # fmt: skip

    def rung(self) -> tuple[str, ...]:
        """Members for whom it rings when it begins."""
        return tuple(one for one in self.audience if one not in (*self.quiet, self.started_by))

    def place_of(self, user_id: str) -> Place | None:
        return next((place for place in self.places if place.user_id == user_id), None)

    def at(self, moment: datetime) -> Room:
        """The room after timeouts: without people whose page is gone, and over when nobody is left."""
        gone = [place for place in self.places if place.lapses_at() <= moment]
        return self._after({place.user_id: from_text(place.seen_at) for place in gone}, moment) if gone else self

    def without(self, users: Collection[str], at: datetime) -> Room:
        return self._after(dict.fromkeys(users, at), at)

    def _after(self, leaving: Mapping[str, datetime], at: datetime) -> Room:
        """``leaving``: user id → the end of their participation."""
        left = self.left
        for place in self.places:
            if place.user_id in leaving:
                left = _counted(left, place, leaving[place.user_id])
        places = tuple(place for place in self.places if place.user_id not in leaving)
        is_over = self.ended_at is None and not places
        return replace(self, places=places, left=left, ended_at=to_text(at) if is_over else self.ended_at)

    def joined(self, user_id: str, page: DevicePage, at: datetime, *, take_over: bool = False) -> Room:
        """The room after this page reports that it takes part: for the first time, again, or in place of another page.

        Raises:
            NotInCall: the page has no connection or no name.
            CallElsewhere: another page of theirs takes part, and ``take_over`` is not asked for.
            RoomFull: there is no place left.
        """
        if page.device is None or page.session is None:
            raise NotInCall(
                "Join over a connection, with a session.", FieldError("session", "a random id of the page", "none")
            )
        mine = self.place_of(user_id)
        if mine is not None and not mine.is_of(page) and not take_over:
            raise elsewhere()
        others = tuple(place for place in self.places if place.user_id != user_id)
        if len(others) >= self.limit:
            raise RoomFull(f"{self.limit} people are in this call, which is the limit.")
        is_back = mine is not None and mine.is_of(page)
        joined_at = mine.joined_at if mine is not None and is_back else to_text(at)
        muted, sends = (mine.muted, mine.sends) if mine is not None and is_back else (False, ())
        left = _counted(self.left, mine, at) if mine is not None and not is_back else self.left
        place = Place(user_id, page.device, page.session, to_text(at), joined_at, muted, sends)
        places = tuple(place if one is mine else one for one in self.places) if mine else (*self.places, place)
        return replace(self, places=places, left=left, path="sfu" if len(others) >= MESH_LIMIT else self.path)

    def seen(
        self, user_id: str, page: DevicePage, at: datetime, *, muted: bool, sends: tuple[RoomLine, ...] = ()
    ) -> Room:
        """The room after a heartbeat of a participating page.

        Raises:
            NotInCall: it does not take part, or not any more.
            CallElsewhere: another page of theirs does.
        """
        mine = self._sender(user_id, page)
        device = page.device or mine.device
        now = replace(mine, device=device, seen_at=to_text(at), muted=muted, sends=sends)
        return replace(self, places=tuple(now if place is mine else place for place in self.places))

    def ends(
        self, user_id: str, page: DevicePage, to: str, to_session: str, to_joined_at: str | None = None
    ) -> tuple[Place, Place]:
        """The sender and the receiver of a signal of this page.

        Raises:
            NotInCall, CallElsewhere: the sender takes no part by this connection.
            StaleNegotiation: the receiver has left, even if it is back by now, or takes part by another page.
        """
        mine = self._sender(user_id, page)
        if mine.device != page.device:
            raise NotInCall("Send `room.here` on this connection first.")
        theirs = self.place_of(to)
        if theirs is None or theirs.session != to_session:
            fault = FieldError("toSession", theirs.session if theirs else "somebody in the call", to_session)
            raise StaleNegotiation("This signal is for a page that is not in the call.", fault)
        if to_joined_at not in (None, theirs.joined_at):
            fault = FieldError("toJoinedAt", theirs.joined_at, to_joined_at)
            raise StaleNegotiation("This signal is for a page that has left the call and joined it again.", fault)
        return mine, theirs

    def _sender(self, user_id: str, page: DevicePage) -> Place:
        mine = self.place_of(user_id)
        if mine is None:
            raise NotInCall("You are not in this group call: send `room.join`.")
        if not mine.is_of(page):
            raise elsewhere()
        return mine
