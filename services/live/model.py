"""A live broadcast: one person sends, others watch. The rules on its state; no AWS here.

The media server decides the state, by way of ``seen``; no page can set it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.common.clock import from_text, to_text
from services.common.errors import LiveOver, NotFound
from services.common.lazy_dataclasses import dataclass

#: Characters as a reader counts them.
TITLE_LIMIT = 100
MESSAGE_LIMIT = 500
#: How long the host has to begin to send.
WAITING_TIME = timedelta(minutes=10)
#: How long a broadcast waits for a host whose media stopped.
INTERRUPTION_TIME = timedelta(seconds=30)
#: A page that watches says so every 15 seconds, and is not counted after so long without it.
VIEWING_TIME = timedelta(seconds=40)
#: How often the media server is asked.
LOOK_TIME = timedelta(seconds=5)


class LiveState(StrEnum):
    """As in the API."""

    WAITING = "waiting"
    LIVE = "live"
    ENDED = "ended"


class LiveAudience(StrEnum):
    """The audience: everybody except across a block, or the host's followers."""

    PUBLIC = "public"
    FOLLOWERS = "followers"


@dataclass(frozen=True)
class Broadcast:
    """``interrupted_at``: since when the media server has no picture or sound of the host. ``revision`` counts the
    changes of the stored one."""

    id: str
    host_id: str
    title: str
    audience: LiveAudience
    state: LiveState
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None
    interrupted_at: str | None = None
    viewers: int = 0
    most_viewers: int = 0
    revision: int = 0

    @property
    def is_over(self) -> bool:
        return self.state is LiveState.ENDED

    def seen(self, *, sends: bool, viewers: int, at: datetime) -> Broadcast:
        """The broadcast after a read of the media server's state.

        Args:
            sends: whether the host's media arrive there.
            viewers: how many people watch.
        """
        if self.is_over:
            return self
        counted = replace(self, viewers=viewers, most_viewers=max(viewers, self.most_viewers))
        if sends:
            started = self.started_at or to_text(at)
            return replace(counted, state=LiveState.LIVE, started_at=started, interrupted_at=None)
        if self.state is LiveState.WAITING:
            return counted.ended(at) if at >= from_text(self.created_at) + WAITING_TIME else counted
        since = self.interrupted_at or to_text(at)
        if at >= from_text(since) + INTERRUPTION_TIME:
            return counted.ended(at)
        return replace(counted, interrupted_at=since)

    def ended(self, at: datetime) -> Broadcast:
        if self.is_over:
            return self
        return replace(self, state=LiveState.ENDED, ended_at=to_text(at), interrupted_at=None, viewers=0)

    def check_running(self) -> None:
        """Raises: LiveOver."""
        if self.is_over:
            raise LiveOver("This broadcast has ended.")

    def admits(self, viewer_id: str, *, follows: bool, blocked: bool) -> bool:
        """Whether the person may see it."""
        if viewer_id == self.host_id:
            return True
        return not blocked and (follows or self.audience is LiveAudience.PUBLIC)


@dataclass(frozen=True)
class LiveMessage:
    """A chat message of a broadcast. ``id`` is a ULID of the server's making."""

    id: str
    live_id: str
    author_id: str
    text: str
    created_at: str


def not_there() -> NotFound:
    """The error for people who may not see it, too."""
    return NotFound("Broadcast not found.")
