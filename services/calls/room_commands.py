"""Commands on group calls, and their endings by time and by chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.calls import model
from services.calls.media import MediaServer
from services.calls.model import CallMedia, DevicePage
from services.calls.repository import CallRepository
from services.calls.room_events import room_signal_frame
from services.calls.room_repository import RoomRepository
from services.calls.room_resources import MediaTicket
from services.calls.rooms import Room, RoomLine
from services.calls.states import LIVE
from services.chat.public import GroupRoster
from services.common.clock import now, to_text
from services.common.errors import Conflict, FieldError, InAnotherCall, NotInCall
from services.common.ids import new_id
from services.common.lazy_dataclasses import dataclass
from services.common.people import People
from services.realtime.public import Delivery, Transport

_ATTEMPTS = 8


class GroupMembers(Protocol):
    """Chat's view of a group's members."""

    def of_group(self, conversation_id: str, user_id: str) -> GroupRoster:
        """Its title, and the members who accepted.

        Raises:
            NotFound: there is none, or ``user_id`` is no member.
            Unprocessable: it is a conversation of two.
        """


@dataclass(frozen=True)
class RoomEndings:
    """Removes people from rooms without their action; idempotent."""

    rooms: RoomRepository
    clock: Callable[[], datetime] = field(default=now)

    def has_place(self, user_id: str, *, outside: str = "") -> str | None:
        """The conversation in whose room this person is, but for ``outside``."""
        room = self.rooms.last_of(user_id)
        if room is None or room.conversation_id == outside or room.at(self.clock()).place_of(user_id) is None:
            return None
        return room.conversation_id

    def leave(self, user_id: str) -> bool:
        """Their account is deleted."""
        room = self.rooms.last_of(user_id)
        return room is not None and self.remove(room.conversation_id, user_id)

    def put_out(self, user_id: str) -> bool:
        """A person is suspended: out of the room, but still a member, who gets its frames."""
        room = self.rooms.last_of(user_id)
        if room is None:
            return False
        return self.change(room.conversation_id, lambda room: room.without([user_id], self.clock())) is not None

    def remove(self, conversation_id: str, user_id: str) -> bool:
        """A person is no longer a member: out of the room, and gets no more frames of it."""

        def without(room: Room) -> Room:
            audience = tuple(one for one in room.audience if one != user_id)
            return replace(room.without([user_id], self.clock()), audience=audience)

        return self.change(conversation_id, without) is not None

    def look(self, conversation_id: str, room_id: str) -> timedelta | None:
        """Remove people whose page is gone.

        Returns:
            The delay until the next check; ``None`` when that room is over.
        """
        self.change(conversation_id, lambda room: room.at(self.clock()))
        room = self.rooms.get(conversation_id)
        if room is None or room.id != room_id or room.ended_at is not None:
            return None
        return max(min(place.lapses_at() for place in room.places) - self.clock(), timedelta(seconds=1))

    def change(self, conversation_id: str, change: Callable[[Room], Room]) -> Room | None:
        """Raises ``RuntimeError``: the room kept changing; the message is tried again."""
        for _ in range(_ATTEMPTS):
            room = self.rooms.get(conversation_id)
            after = change(room) if room is not None and room.ended_at is None else None
            if room is None or after is None or after == room:
                return None
            if stored := self.rooms.put(room, after):
                return stored
        raise RuntimeError(f"the room of conversation {conversation_id} kept changing")


@dataclass
class RoomCommands:
    """Commands for members of the group; ``transport`` is created at first use."""

    rooms: RoomRepository
    calls: CallRepository
    members: GroupMembers
    transport: Callable[[], Transport]
    people: People
    clock: Callable[[], datetime] = now
    media: MediaServer = field(default_factory=MediaServer)

    def join(
        self, user_id: str, conversation_id: str, media: CallMedia, page: DevicePage, *, take_over: bool = False
    ) -> Room:
        """Join the group call of a conversation, or start one.

        Raises:
            NotFound, Unprocessable: see ``GroupMembers.of_group``.
            InAnotherCall: in a call of two, or in the room of another conversation.
            NotInCall, CallElsewhere, RoomFull: see ``Room.joined``.
        """
        group = self.members.of_group(conversation_id, user_id)
        self._refuse_other_call(user_id, conversation_id)
        for _ in range(_ATTEMPTS):
            seen, moment = self.rooms.get(conversation_id), self.clock()
            room = seen.at(moment) if seen else None
            lapsed = room if room is not None and room.ended_at is not None and room != seen else None
            if room is None or room.ended_at is not None:
                room = Room(new_id(), conversation_id, media, user_id, to_text(moment), limit=self.media.limit)
                room = replace(room, quiet=self._quiet(group, user_id))
            room = replace(room, audience=tuple(group.members), title=group.title)
            after = room.joined(user_id, page, moment, take_over=take_over)
            if stored := self.rooms.put(seen, after, joins=user_id, lapsed=lapsed):
                return stored
        raise Conflict("The call is changing right now; try again.")

    def _quiet(self, group: GroupRoster, starter: str) -> tuple[str, ...]:
        """Members for whom a call of this person does not ring."""
        blocked = self.people.blocked_between(starter, group.members)
        return tuple(one for one, is_muted in group.members.items() if is_muted or one in blocked)

    def _refuse_other_call(self, user_id: str, conversation_id: str) -> None:
        call = self.calls.current(user_id).call
        if call is not None and call.state in LIVE and call.due(self.clock()) is None:
            fault = FieldError("callId", "no other call in progress", call.id)
            raise InAnotherCall("You have another call in progress. End it first: its id is in `errors`.", fault)
        if other := RoomEndings(self.rooms, self.clock).has_place(user_id, outside=conversation_id):
            fault = FieldError("conversationId", "no other group call in progress", other)
            raise InAnotherCall(
                "You are in another group's call. Leave it first: its conversation is in `errors`.", fault
            )

    def here(
        self, user_id: str, conversation_id: str, page: DevicePage, *, muted: bool, sends: tuple[RoomLine, ...] = ()
    ) -> Room:
        """A heartbeat of a participating page, on its current connection.

        Raises:
            NotFound: no member.
            NotInCall, CallElsewhere: see ``Room.seen``; a page that was gone for too long joins again.
        """
        return self._change(
            user_id, conversation_id, lambda room, moment: room.seen(user_id, page, moment, muted=muted, sends=sends)
        )

    def ticket(self, user_id: str, room: Room, page: DevicePage) -> MediaTicket | None:
        """The pass of this page for the media server; none for a page that is not in the room."""
        place = room.place_of(user_id)
        return self.media.ticket(room, place, self.clock()) if place is not None and place.is_of(page) else None

    def leave(self, user_id: str, conversation_id: str, page: DevicePage) -> Room | None:
        """This page leaves; it changes nothing when another page takes part by now, or none does."""
        room = self.read(user_id, conversation_id)
        place = room.place_of(user_id) if room else None
        if place is None or not place.is_of(page):
            return room
        return self._change(user_id, conversation_id, lambda room, moment: room.without([user_id], moment))

    def read(self, user_id: str, conversation_id: str) -> Room | None:
        """The group call that runs now. Raises what ``GroupMembers.of_group`` raises."""
        self.members.of_group(conversation_id, user_id)
        room = self.rooms.get(conversation_id)
        room = room.at(self.clock()) if room else None
        return None if room is None or room.ended_at is not None else room

    def signal(
        self,
        user_id: str,
        conversation_id: str,
        page: DevicePage,
        to: tuple[str, str],
        payload: Mapping[str, Any],
        joined_at: str | None = None,
    ) -> bool:
        """Relay an offer, an answer or candidates to one other page in the call; nothing is kept.

        Args:
            to: user id and session.
            joined_at: when that page joined, as far as the sender knows; ``None``: whenever it did.

        Returns:
            Whether that device took it.

        Raises:
            NotFound: no member.
            NotInCall, CallElsewhere, StaleNegotiation: see ``Room.ends``.
            TooLarge: above 30 KB.
        """
        _, room = self._mine(user_id, conversation_id)
        mine, theirs = room.ends(user_id, page, *to, joined_at)
        model.check_size(payload)
        frame = room_signal_frame(room, mine, payload)
        return self.transport().send([Delivery([theirs.user_id], frame, only=theirs.device)]).delivered > 0

    def _change(self, user_id: str, conversation_id: str, change: Callable[[Room, datetime], Room]) -> Room:
        for _ in range(_ATTEMPTS):
            seen, room = self._mine(user_id, conversation_id)
            if stored := self.rooms.put(seen, change(room, self.clock())):
                return stored
        raise Conflict("The call is changing right now; try again.")

    def _mine(self, user_id: str, conversation_id: str) -> tuple[Room, Room]:
        """The stored room, and the room after timeouts. Chat is asked only about people who are not in the room: a
        non-member learns nothing of it."""
        seen = self.rooms.get(conversation_id)
        room = seen.at(self.clock()) if seen else None
        if seen is None or room is None or room.place_of(user_id) is None:
            self.members.of_group(conversation_id, user_id)
            raise NotInCall("You are not in this group call: send `room.join`.")
        return seen, room
