"""Effects of a change of a broadcast: frames for its host and viewers, domain events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.common.events import DomainEvent, LiveEnded, LiveStarted
from services.common.ids import derived_id
from services.common.outbox import Outgoing, frame
from services.common.people import Person
from services.live.model import Broadcast, LiveMessage
from services.live.resources import (
    LiveMessageEvent,
    LiveUpdatedEvent,
    live_message_resource,
    live_resource,
)

#: Of one record on the stream, which takes 1 MB.
_USERS = 5_000


def is_told(before: Broadcast | None, live: Broadcast) -> bool:
    """Whether the change is visible."""
    return before is not None and _shown(before) != _shown(live)


def _shown(live: Broadcast) -> tuple[object, ...]:
    return live.state, live.interrupted_at is not None, live.viewers, live.title


def updated_frames(live: Broadcast, viewers: Iterable[str], people: dict[str, Person]) -> list[Outgoing]:
    """To the host and those who watch."""
    data: LiveUpdatedEvent = {"live": live_resource(live, people)}
    event_id = derived_id("live.updated", live.id, str(live.revision))
    return _to_all(live, viewers, frame("live.updated", event_id, data))


def message_frames(
    live: Broadcast, message: LiveMessage, viewers: Iterable[str], people: dict[str, Person]
) -> list[Outgoing]:
    """To the host and those who watch."""
    data: LiveMessageEvent = {"liveId": live.id, "message": live_message_resource(message, people)}
    event_id = derived_id("live.message", message.id)
    return _to_all(live, viewers, frame("live.message", event_id, data, message.created_at))


def starts(before: Broadcast | None, live: Broadcast) -> bool:
    """Whether the host's media arrived for the first time."""
    return live.started_at is not None and (before is None or before.started_at is None)


def started(live: Broadcast, followers: Iterable[Sequence[str]]) -> Iterator[DomainEvent]:
    """One event for each page of the host's followers."""
    for page in followers:
        yield LiveStarted(
            cause=f"{live.id}#{page[0]}", actor=live.host_id, at=live.started_at or live.created_at,
            live_id=live.id, host_id=live.host_id, title=live.title, recipient_ids=tuple(page),
        )  # fmt: skip


def ended(before: Broadcast | None, live: Broadcast) -> list[DomainEvent]:
    """The end of a broadcast, only if its start was announced."""
    if not live.is_over or live.started_at is None or (before is not None and before.is_over):
        return []
    at = live.ended_at or live.created_at
    return [LiveEnded(cause=live.id, actor=live.host_id, at=at, live_id=live.id, host_id=live.host_id)]


def _to_all(live: Broadcast, viewers: Iterable[str], told: Mapping[str, Any]) -> list[Outgoing]:
    users = sorted({live.host_id, *viewers})
    return [Outgoing(live.id, users[start : start + _USERS], told) for start in range(0, len(users), _USERS)]
