"""Events of the notifications context."""

from __future__ import annotations

from services.common.events.envelope import DomainEvent
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NotificationTestRequested(DomainEvent):
    """A person requested a test push to one of their devices."""

    type = "notification.test_requested"

    user_id: str
    device_id: str


@dataclass(frozen=True, kw_only=True)
class NotificationCorrected(DomainEvent):
    """A notification of ``user_id`` has changed, was read elsewhere, or is gone (``gone``).

    Pushes of ``tag`` about one of ``onces`` (the facts) are replaced by the current content, or closed. ``kind`` is the
    type of the notification.
    """

    type = "notification.corrected"

    user_id: str
    tag: str
    onces: tuple[str, ...]
    gone: bool
    kind: str
    actor_id: str
    others: int
    preview: str | None
    detail: str | None
    post_id: str | None
    conversation_id: str | None
