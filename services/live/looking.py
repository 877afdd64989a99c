"""Changes of broadcasts without a host's action: by the state of the media server, by time, by other contexts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from services.common.clock import now
from services.common.lazy_dataclasses import dataclass
from services.live.media_server import LiveMedia
from services.live.model import Broadcast
from services.live.repository import LiveRepository

_ATTEMPTS = 8


@dataclass(frozen=True)
class LiveEndings:
    """Ends broadcasts; idempotent. The room at the media server is no longer held open; ``LiveLook``, which may call
    the media server, closes it."""

    lives: LiveRepository
    clock: Callable[[], datetime] = field(default=now)

    def end_of(self, host_id: str) -> Broadcast | None:
        """The host is suspended, or their account is deleted."""
        live_id = self.lives.current_id(host_id)
        return self.end(live_id) if live_id else None

    def end(self, live_id: str) -> Broadcast | None:
        """The broadcast as it has ended; ``None`` when there was nothing to end."""
        return self.change(live_id, lambda live: live.ended(self.clock()))

    def part(self, one: str, other: str) -> int:
        """One of the two blocks the other: neither may watch the other's broadcast any more."""
        return self._put_out(one, other) + self._put_out(other, one)

    def _put_out(self, host_id: str, viewer_id: str) -> int:
        live_id = self.lives.current_id(host_id)
        return self.lives.put_out(live_id, viewer_id) if live_id else 0

    def change(self, live_id: str, change: Callable[[Broadcast], Broadcast]) -> Broadcast | None:
        """The broadcast as it is stored after a change; ``None`` when there was nothing to change.

        Raises ``RuntimeError``: it kept changing; the message is tried again.
        """
        for _ in range(_ATTEMPTS):
            live = self.lives.get(live_id)
            after = change(live) if live is not None and not live.is_over else None
            if live is None or after is None or after == live:
                return None
            if stored := self.lives.put(live, after):
                return stored
        raise RuntimeError(f"broadcast {live_id} kept changing")


@dataclass(frozen=True)
class LiveLook:
    """Reads the media server's state, and stores it."""

    lives: LiveRepository
    media: LiveMedia
    clock: Callable[[], datetime] = field(default=now)

    def at(self, live_id: str) -> Broadcast | None:
        """The broadcast's current state; ``None`` when there is none. If it is over, its room is closed."""
        live = self.lives.get(live_id)
        if live is None:
            return None
        if not live.is_over:
            sends, viewers = self.media.hold(live_id), len(self.lives.viewers(live_id, self.clock()))
            endings = LiveEndings(self.lives, self.clock)
            endings.change(live_id, lambda live: live.seen(sends=sends, viewers=viewers, at=self.clock()))
            live = self.lives.get(live_id) or live
        if live.is_over:
            self.media.close(live_id)
        return live

    def end(self, live_id: str) -> Broadcast | None:
        """As ``LiveEndings.end``, and the room is closed."""
        ended = LiveEndings(self.lives, self.clock).end(live_id)
        self.media.close(live_id)
        return ended or self.lives.get(live_id)
