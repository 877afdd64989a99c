"""Events of the notifications context."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.events.envelope import DomainEvent


@dataclass(frozen=True, kw_only=True)
class NotificationTestRequested(DomainEvent):
    """A person wants a push to one of their devices."""

    type = "notification.test_requested"

    user_id: str
    device_id: str
