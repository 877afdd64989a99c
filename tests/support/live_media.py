"""A fake media server for tests of live, controlled by the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from services.common.clock import now
from services.live.media_server import LivePass


@dataclass
class FakeLiveMedia:
    """``sending``: broadcasts whose hosts send media; ``held`` and ``closed``: the recorded requests."""

    sending: set[str] = field(default_factory=set)
    held: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def check(self) -> None:
        pass

    def ingest(self, live_id: str, *, program: bool) -> LivePass:
        return LivePass(f"whip/{live_id}", "program" if program else "page", now() + timedelta(minutes=1))

    def viewing(self, live_id: str, user_id: str, session: str) -> LivePass:
        return LivePass(f"whep/{live_id}", f"{user_id}/{session}", now() + timedelta(minutes=1))

    def hold(self, live_id: str) -> bool:
        self.held.append(live_id)
        return live_id in self.sending

    def close(self, live_id: str) -> None:
        self.closed.append(live_id)
