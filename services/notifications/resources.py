"""What notifications answers with, over HTTP and in frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from typing_extensions import TypedDict

from services.common.resources import Author
from services.notifications.devices import Device
from services.notifications.model import Marks, Notification, NotificationType
from services.notifications.preferences import Channel, NotificationAudience, Preferences, choices, default


class NotificationResource(TypedDict):
    """``actors`` are the latest three of ``count``, the newest first; ``actor`` is the first of them, or null if no
    person caused it. ``detail`` is for programs: a reaction's emoji, a moderator's decision. Notifications that are
    neither ``read`` nor ``seen`` count as new."""

    id: str
    type: NotificationType
    at: str
    actor: Author | None
    actors: list[Author]
    count: int
    postId: str | None
    conversationId: str | None
    callId: str | None
    liveId: str | None
    preview: str | None
    detail: str | None
    read: bool
    seen: bool


class Unread(TypedDict):
    """``count`` leaves out the ``hidden`` ones, which frames count: they came before their reader blocked or muted.
    ``revision`` grows with every change of ``count``: of two counts, the one with the greater revision is right.
    Notifications up to ``seenUpTo`` were shown in the list and no longer count."""

    count: int
    hidden: int
    revision: int
    readUpTo: str
    seenUpTo: str


class NotificationCell(TypedDict):
    audience: NotificationAudience
    choices: list[NotificationAudience]
    default: NotificationAudience


class NotificationChannels(TypedDict):
    inApp: NotificationCell
    webPush: NotificationCell
    mobile: NotificationCell


class NotificationRow(TypedDict):
    type: NotificationType
    channels: NotificationChannels


class QuietHoursResource(TypedDict):
    """``HH:MM``, also across midnight; ``timeZone`` is an IANA name."""

    enabled: bool
    start: str
    end: str
    timeZone: str


class NotificationSettings(TypedDict):
    types: list[NotificationRow]
    quietHours: QuietHoursResource


class PushDevice(TypedDict):
    """``service`` is the host of the push service, or the phone's platform; ``lastUsedAt`` is to the hour; ``failure``
    says why the last push was refused."""

    id: str
    channel: Literal["webPush", "mobile"]
    name: str
    service: str
    createdAt: str
    lastUsedAt: str | None
    failure: str | None


class PushDevices(TypedDict):
    items: list[PushDevice]


class NotificationCreatedEvent(TypedDict):
    """Something happened to the person; ``unread`` is exact as of ``revision``: of two frames, the one with the greater
    revision is newer."""

    notification: NotificationResource
    unread: int
    revision: int


class NotificationChangedEvent(TypedDict):
    """The notification covers fewer actions than before, or has another text; id and position stay the same."""

    notification: NotificationResource
    unread: int
    revision: int


class NotificationRemovedEvent(TypedDict):
    """The notification's subject is gone. ``tag`` identifies its pushes, which close."""

    id: str
    tag: str
    unread: int
    revision: int


class NotificationUnreadEvent(TypedDict):
    """A device has read everything up to ``readUpTo``, has shown everything up to ``seenUpTo``, or has read the one
    notification ``readId``, whose pushes have ``tag``; ``unread`` is exact as of ``revision``."""

    unread: int
    revision: int
    readUpTo: str | None
    seenUpTo: str | None
    readId: str | None
    tag: str | None


def to_resource(
    notification: Notification, people: Sequence[Author], marks: Marks, excerpt: str | None = None
) -> NotificationResource:
    """``people`` are the authors of ``actors``; ``excerpt`` is the beginning of the post it is about, as it is now."""
    return {
        "id": notification.id,
        "type": notification.type,
        "at": notification.at,
        "actor": people[0] if people else None,
        "actors": list(people),
        "count": notification.count,
        "postId": notification.subject.post_id,
        "conversationId": notification.subject.conversation_id,
        "callId": notification.subject.call_id,
        "liveId": notification.subject.live_id,
        "preview": notification.preview or excerpt,
        "detail": notification.detail,
        "read": marks.has_read(notification),
        "seen": notification.id <= marks.counted_after,
    }


def device_to_resource(device: Device) -> PushDevice:
    """Enough to know it by, nothing to push to it with."""
    is_browser = device.channel is Channel.WEB_PUSH
    host = urlsplit(device.address).hostname if is_browser else None
    return {
        "id": device.id,
        "channel": "webPush" if is_browser else "mobile",
        "name": device.name,
        "service": str(device.platform or host or ""),
        "createdAt": device.created_at,
        "lastUsedAt": device.last_used_at,
        "failure": device.failure,
    }


def settings_to_resource(preferences: Preferences) -> NotificationSettings:
    """Every cell with what may be chosen there."""

    def cell(kind: NotificationType, channel: Channel) -> NotificationCell:
        return {
            "audience": preferences.audience(kind, channel),
            "choices": list(choices(kind, channel)),
            "default": default(kind, channel),
        }

    rows: list[NotificationRow] = [
        {
            "type": kind,
            "channels": {
                "inApp": cell(kind, Channel.IN_APP),
                "webPush": cell(kind, Channel.WEB_PUSH),
                "mobile": cell(kind, Channel.MOBILE),
            },
        }
        for kind in NotificationType
    ]
    hours = preferences.quiet_hours
    shown: QuietHoursResource = {
        "enabled": hours.enabled, "start": hours.start, "end": hours.end, "timeZone": hours.time_zone,
    }  # fmt: skip
    return {"types": rows, "quietHours": shown}
