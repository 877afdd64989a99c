"""What live answers with, over HTTP and in frames."""

from __future__ import annotations

from typing_extensions import TypedDict

from services.common.clock import to_text
from services.common.people import Person, author_of
from services.common.resources import Author
from services.live.media_server import LivePass
from services.live.model import Broadcast, LiveAudience, LiveMessage, LiveState


class Live(TypedDict):
    """A broadcast. ``state`` is what the media server saw: ``waiting`` until the host's media arrive there.
    ``interrupted``: they stopped; it ends after 30 seconds unless they resume. ``viewers``: people watching now,
    accurate to a few seconds. Of two states of a broadcast, the one with the greater ``revision`` is newer."""

    id: str
    host: Author
    title: str
    audience: LiveAudience
    state: LiveState
    interrupted: bool
    createdAt: str
    startedAt: str | None
    endedAt: str | None
    viewers: int
    mostViewers: int
    revision: int


class LiveIngest(TypedDict):
    """Access for the host to send: ``url`` of WHIP (RFC 9725), and a bearer token for it."""

    url: str
    token: str
    expiresAt: str


class StartedLive(Live):
    """``ingest``: access for the host's page to send."""

    ingest: LiveIngest


class LiveViewing(TypedDict):
    """Access for a page to watch: ``url`` of WHEP, and a bearer token for it."""

    url: str
    token: str
    expiresAt: str
    viewers: int


class LiveMessageResource(TypedDict):
    """A chat message of a broadcast."""

    id: str
    author: Author
    text: str
    createdAt: str


class LiveUpdatedEvent(TypedDict):
    """A broadcast's state or number of viewers has changed. Sent to the host and the viewers."""

    live: Live


class LiveMessageEvent(TypedDict):
    """A new chat message of a broadcast. Sent to the host and the viewers."""

    liveId: str
    message: LiveMessageResource


def live_resource(live: Broadcast, people: dict[str, Person]) -> Live:
    return {
        "id": live.id,
        "host": author_of(people, live.host_id),
        "title": live.title,
        "audience": live.audience,
        "state": live.state,
        "interrupted": live.interrupted_at is not None,
        "createdAt": live.created_at,
        "startedAt": live.started_at,
        "endedAt": live.ended_at,
        "viewers": live.viewers,
        "mostViewers": live.most_viewers,
        "revision": live.revision,
    }


def ingest_resource(given: LivePass) -> LiveIngest:
    return {"url": given.url, "token": given.token, "expiresAt": to_text(given.expires)}


def viewing_resource(given: LivePass, live: Broadcast) -> LiveViewing:
    return {**ingest_resource(given), "viewers": live.viewers}


def live_message_resource(message: LiveMessage, people: dict[str, Person]) -> LiveMessageResource:
    return {
        "id": message.id,
        "author": author_of(people, message.author_id),
        "text": message.text,
        "createdAt": message.created_at,
    }
