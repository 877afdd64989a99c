"""Events of the realtime context."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.events.envelope import DomainEvent


@dataclass(frozen=True, kw_only=True)
class DeviceLeft(DomainEvent):
    """A connection closed, or was found gone. Best effort. ``device`` is opaque."""

    type = "device.left"

    user_id: str
    device: str
