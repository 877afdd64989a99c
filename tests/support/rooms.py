"""A chat group and its calls, with a clock that the test sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.calls.media import MediaServer
from services.calls.model import DevicePage
from services.calls.repository import CallRepository
from services.calls.room_commands import RoomCommands, RoomEndings
from services.calls.room_repository import RoomRepository
from services.calls.rooms import Room
from services.chat.public import GroupRoster
from services.common.clock import now
from services.common.errors import NotFound
from services.common.ids import new_id
from tests.support.calls import OFFER
from tests.support.directory import FakePeople
from tests.support.transport import FakeTransport


@dataclass
class Group:
    """A chat group with its rooms; the test advances the time. ``members``: user id → muted."""

    members: dict[str, bool]
    id: str = field(default_factory=new_id)
    transport: FakeTransport = field(default_factory=FakeTransport)
    people: FakePeople = field(default_factory=FakePeople)
    media: MediaServer = field(default_factory=MediaServer)
    moment: datetime = field(default_factory=lambda: now().replace(microsecond=0))

    def of_group(self, conversation_id: str, user_id: str) -> GroupRoster:
        if conversation_id != self.id or user_id not in self.members:
            raise NotFound("no")
        return GroupRoster("Hikers", self.members)

    def clock(self) -> datetime:
        return self.moment

    @property
    def commands(self) -> RoomCommands:
        rooms, calls = RoomRepository("calls"), CallRepository("calls")
        return RoomCommands(rooms, calls, self, lambda: self.transport, self.people, self.clock, self.media)

    @property
    def endings(self) -> RoomEndings:
        return RoomEndings(RoomRepository("calls"), self.clock)

    def join(self, user: str, page: str = "page", *, take_over: bool = False) -> Room:
        return self.commands.join(user, self.id, "video", page_of(user, page), take_over=take_over)

    def here(self, user: str, page: str = "page", *, muted: bool = False) -> Room:
        return self.commands.here(user, self.id, page_of(user, page), muted=muted)

    def leave(self, user: str, page: str = "page") -> None:
        self.commands.leave(user, self.id, page_of(user, page))

    def signal(self, user: str, to: str, page: str = "page", to_page: str = "page") -> bool:
        return self.commands.signal(user, self.id, page_of(user, page), (to, f"{to_page}-of-{to}"), OFFER)

    def inside(self) -> set[str]:
        room = self.commands.read(next(iter(self.members)), self.id)
        return {place.user_id for place in room.places} if room else set()


def page_of(user: str, page: str = "page") -> DevicePage:
    return DevicePage(f"device-{user}-{page}", f"{page}-of-{user}")
