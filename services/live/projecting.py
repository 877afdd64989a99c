"""The consumer of the table's stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from services.common.clock import now
from services.common.cursors import Cursor, Page, decode
from services.common.dynamo import Item
from services.common.events import DomainEvent
from services.common.lazy_dataclasses import dataclass
from services.common.outbox import Outgoing
from services.common.people import People
from services.common.streams import Change
from services.live.events import ended, is_told, message_frames, started, starts, updated_frames
from services.live.message_repository import message_of
from services.live.model import Broadcast, LiveMessage
from services.live.repository import LiveRepository, broadcast_of

#: Followers told by one event.
_PAGE = 50


class Followers(Protocol):
    """The read of the social graph that is needed."""

    def followers(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]: ...


@dataclass(frozen=True)
class LiveProjector:
    """A repeated change has the same event ids. ``look_later`` schedules a check of a broadcast."""

    lives: LiveRepository
    people: People
    tell: Callable[[Sequence[Outgoing]], None]
    look_later: Callable[[str], None]
    graph: Followers
    publish: Callable[[Iterable[DomainEvent]], None]
    clock: Callable[[], datetime] = field(default=now)

    def project(self, change: Change) -> None:
        if change.new is None:
            return
        if change.kind == "live":
            self._changed(broadcast_of(change.old) if change.old else None, broadcast_of(change.new))
        elif change.kind == "message" and change.old is None:
            self._written(message_of(change.new))

    def _changed(self, before: Broadcast | None, live: Broadcast) -> None:
        if before is None:
            self.look_later(live.id)
        if is_told(before, live):
            self.tell(updated_frames(live, self._viewers(live.id), self.people.find([live.host_id])))
        if starts(before, live):
            self.publish(list(started(live, self._followers(live.host_id))))
        if over := ended(before, live):
            self.publish(over)

    def _followers(self, host_id: str) -> Iterator[list[str]]:
        cursor: Cursor | None = None
        while True:
            page = self.graph.followers(host_id, cursor, _PAGE)
            if page.items:
                yield [edge["followerId"] for edge in page.items]
            if page.older is None:
                return
            cursor = decode(page.older, "followers")

    def _written(self, message: LiveMessage) -> None:
        live = self.lives.get(message.live_id)
        if live is not None:
            people = self.people.find([message.author_id])
            self.tell(message_frames(live, message, self._viewers(live.id), people))

    def _viewers(self, live_id: str) -> set[str]:
        return self.lives.viewers(live_id, self.clock())
