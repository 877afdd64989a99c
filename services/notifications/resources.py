"""What notifications answers with, over HTTP and in frames."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from services.common.resources import Author
from services.notifications.model import Type
from services.notifications.preferences import Audience


class NotificationResource(TypedDict):
    """``actors`` are the latest three of ``count``, the newest first; ``actor`` is the first of them, null where no
    person did it. ``detail`` is for programs: a reaction's emoji, what moderators decided."""

    id: str
    type: Type
    at: str
    actor: Author | None
    actors: list[Author]
    count: int
    postId: str | None
    conversationId: str | None
    callId: str | None
    preview: str | None
    detail: str | None
    read: bool


class Unread(TypedDict):
    """``count`` leaves out the ``hidden`` ones, which frames count: told before their reader blocked or muted.
    ``revision`` grows with every change of ``count``: of two numbers the later one is right."""

    count: int
    hidden: int
    revision: int
    readUpTo: str


class NotificationCell(TypedDict):
    audience: Audience
    choices: list[Audience]


class NotificationChannels(TypedDict):
    inApp: NotificationCell
    webPush: NotificationCell
    mobile: NotificationCell


class NotificationRow(TypedDict):
    type: Type
    channels: NotificationChannels


class QuietHoursResource(TypedDict):
    """``HH:MM``, over midnight too; ``timeZone`` is an IANA name."""

    enabled: bool
    start: str
    end: str
    timeZone: str


class NotificationSettings(TypedDict):
    types: list[NotificationRow]
    quietHours: QuietHoursResource


class PushDevice(TypedDict):
    """``service`` is the host of the push service, or the phone's platform; ``lastUsedAt`` is to the hour; ``failure``
    says why the last push was not taken."""

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
    """Something happened to the person; ``unread`` is exact as of ``revision``: of two frames the higher one holds."""

    notification: NotificationResource
    unread: int
    revision: int


class NotificationUnreadEvent(TypedDict):
    """A device has read all up to ``readUpTo``, or the one ``readId``; ``unread`` is exact as of ``revision``."""

    unread: int
    revision: int
    readUpTo: str | None
    readId: str | None
