"""Notices and notifications: what one person is told, and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ulid import ULID

from services.common.ids import new_id

KEPT_DAYS = 90
#: How many of a group's people are remembered by name; the rest is a number.
ACTORS_KEPT = 3


class NotificationType(StrEnum):
    """As in the API."""

    MENTION = "mention"
    REPLY = "reply"
    QUOTE = "quote"
    REPOST = "repost"
    LIKE = "like"
    REACTION = "reaction"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FOLLOW_ACCEPTED = "follow_accepted"
    MESSAGE = "message"
    MISSED_CALL = "missed_call"
    POLL_ENDED = "poll_ended"
    SCHEDULED_POST = "scheduled_post"
    MODERATION = "moderation"


@dataclass(frozen=True)
class NotificationSubject:
    """What it is about; the client links to it."""

    post_id: str | None = None
    conversation_id: str | None = None
    call_id: str | None = None


@dataclass(frozen=True)
class Notice:
    """One thing to tell one person.

    ``once`` names the fact: however often it is told, it counts once (also when somebody takes a like back and gives
    it again). Notices of one ``group`` that were not read yet become one notification. ``actor`` is empty where no
    person did it. ``detail`` is for programs: a reaction's emoji, what moderators decided. ``followers_only``: the post
    is only for followers of the actor, so nobody else may hear of it. ``excerpt`` is the beginning of the post as it is
    now; it is shown, not kept. ``away``: the recipient is known not to have it on a screen, whoever seems connected.
    """

    recipient: str
    type: NotificationType
    actor: str
    at: str
    once: str
    group: str | None = None
    subject: NotificationSubject = NotificationSubject()
    preview: str | None = None
    detail: str | None = None
    followers_only: bool = False
    excerpt: str | None = None
    away: bool = False


@dataclass(frozen=True)
class Notification:
    """As kept: ``actors`` are the latest people of the group, the newest first; ``count`` is all that it stands for."""

    id: str
    recipient: str
    type: NotificationType
    at: str
    actors: tuple[str, ...]
    count: int
    subject: NotificationSubject
    preview: str | None
    detail: str | None = None
    read: bool = False


@dataclass(frozen=True)
class Marks:
    """A person's state: all up to ``read_up_to`` is read, ``unread`` of those beyond are not; ``revision`` counts the
    changes, so that of two numbers the later one is known."""

    unread: int = 0
    read_up_to: str = ""
    revision: int = 0

    def has_read(self, notification: Notification) -> bool:
        return notification.read or notification.id <= self.read_up_to


def made_of(notice: Notice, notification_id: str, older: Notification | None) -> Notification:
    """A new notification, or ``older`` of the same group with this notice in it.

    Queues don't keep order: of the two, the later one gives time, text and the first name.
    """
    mine = (notice.actor,) if notice.actor else ()
    if older is None:
        actors, count, at = mine, 1, notice.at
        preview, detail = notice.preview, notice.detail
    elif notice.at >= older.at:
        others = [actor for actor in older.actors if actor != notice.actor]
        actors, count, at = (*mine, *others), older.count + 1, notice.at
        preview, detail = notice.preview, notice.detail
    else:
        late = () if notice.actor in older.actors else mine
        actors, count, at = (*older.actors, *late), older.count + 1, older.at
        preview, detail = older.preview, older.detail
    return Notification(
        notification_id, notice.recipient, notice.type, at, actors[:ACTORS_KEPT], count, notice.subject, preview, detail
    )


def id_after(read_up_to: str) -> str:
    """A new id; greater than what was read, also when the clocks of two machines differ."""
    made = new_id()
    return made if made > read_up_to else str(ULID.from_int(int(ULID.from_str(read_up_to)) + 1))
