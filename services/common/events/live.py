"""Events of the live context."""

from __future__ import annotations

from services.common.events.envelope import DomainEvent
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LiveStarted(DomainEvent):
    """The media server has the host's picture. ``recipient_ids`` are some of the host's followers."""

    type = "live.started"

    live_id: str
    host_id: str
    title: str
    recipient_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LiveEnded(DomainEvent):
    """A broadcast that was live is over."""

    type = "live.ended"

    live_id: str
    host_id: str
