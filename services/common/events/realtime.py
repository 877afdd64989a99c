"""Events of the realtime context."""

from __future__ import annotations

from services.common.events.envelope import DomainEvent
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DeviceLeft(DomainEvent):
    """A connection closed, or was found gone. Best effort. ``device`` is opaque."""

    type = "device.left"

    user_id: str
    device: str
