"""Resources of notifications and of the devices they reach."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.common.http import Body
from services.openapi.basics import Author

NotificationType = Literal[
    "mention", "reply", "quote", "repost", "like", "reaction", "follow", "follow_request", "follow_accepted", "message",
    "missed_call", "poll_ended", "scheduled_post", "moderation",
]  # fmt: skip
PushChannel = Literal["webPush", "mobile"]
Audience = Literal["everyone", "following", "nobody"]


class Notification(Body):
    id: str
    type: NotificationType
    at: str
    actor: Author | None = Field(description="The latest of `count`; null where it is nobody's deed.")
    actors: list[Author] = Field(description="The latest three, the newest first.")
    count: int
    post_id: str | None
    conversation_id: str | None
    call_id: str | None
    preview: str | None
    detail: str | None = Field(description="For programs: a reaction's emoji, what moderators decided.")
    read: bool


class Unread(Body):
    """``count`` leaves out the ``hidden`` ones, which frames count: told before their reader blocked or muted."""

    count: int
    hidden: int
    revision: int = Field(description="Grows with every change of `count`: of two numbers the later one is right.")
    read_up_to: str


class NotificationCell(Body):
    audience: Audience
    choices: list[Audience]


class NotificationRow(Body):
    type: NotificationType
    channels: dict[Literal["inApp", "webPush", "mobile"], NotificationCell]


class QuietHours(Body):
    enabled: bool
    start: str
    end: str
    time_zone: str


class NotificationSettings(Body):
    types: list[NotificationRow]
    quiet_hours: QuietHours


class PushDevice(Body):
    id: str
    channel: PushChannel
    name: str
    service: str = Field(description="Host of the push service, or the phone's platform.")
    created_at: str
    last_used_at: str | None = Field(description="To the hour.")
    failure: str | None = Field(description="Why the last push was not taken.")


class PushDevices(Body):
    items: list[PushDevice]
