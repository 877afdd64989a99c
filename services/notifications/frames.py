"""Frames to devices about a person's notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.ids import derived_id
from services.common.outbox import Outgoing, frame
from services.notifications.model import Marks, Notification
from services.notifications.resources import (
    NotificationChangedEvent,
    NotificationCreatedEvent,
    NotificationRemovedEvent,
    NotificationResource,
    NotificationUnreadEvent,
)


def created_frame(notification: Notification, wire: NotificationResource, marks: Marks) -> Outgoing:
    data: NotificationCreatedEvent = {"notification": wire, "unread": marks.unread, "revision": marks.revision}
    event_id = derived_id("notification.created", notification.id)
    return _to(notification.recipient, "notification.created", event_id, data, notification.at)


def changed_frame(notification: Notification, wire: NotificationResource, marks: Marks) -> Outgoing:
    """The notification covers fewer facts, or has another text."""
    data: NotificationChangedEvent = {"notification": wire, "unread": marks.unread, "revision": marks.revision}
    cause = f"{marks.revision}#{wire['preview'] or ''}"
    event_id = derived_id("notification.changed", notification.recipient, notification.id, cause)
    return _to(notification.recipient, "notification.changed", event_id, data)


def removed_frame(notification: Notification, marks: Marks) -> Outgoing:
    data: NotificationRemovedEvent = {
        "id": notification.id, "tag": notification.tag, "unread": marks.unread, "revision": marks.revision,
    }  # fmt: skip
    event_id = derived_id("notification.removed", notification.recipient, notification.id)
    return _to(notification.recipient, "notification.removed", event_id, data)


def unread_frame(
    user_id: str,
    marks: Marks,
    *,
    read_up_to: str | None = None,
    seen_up_to: str | None = None,
    read: Notification | None = None,
) -> Outgoing:
    """A device has read or seen all up to an id, or read one."""
    data: NotificationUnreadEvent = {
        "unread": marks.unread,
        "revision": marks.revision,
        "readUpTo": read_up_to,
        "seenUpTo": seen_up_to,
        "readId": read.id if read else None,
        "tag": read.tag if read else None,
    }
    return _to(user_id, "notification.unread", derived_id("notification.unread", user_id, str(marks.revision)), data)


def _to(user_id: str, kind: str, event_id: str, data: Mapping[str, Any], at: str | None = None) -> Outgoing:
    return Outgoing(user_id, [user_id], frame(kind, event_id, data, at))
