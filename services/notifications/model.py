"""Who is told what because of a domain event: pure rules. And notifications as they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ulid import ULID

from services.common.events import DomainEvent
from services.common.ids import new_id

KEPT_DAYS = 90
#: How many of a group's people are remembered by name; the rest is a number.
ACTORS_KEPT = 3


class Type(StrEnum):
    """As in the API."""

    FOLLOW = "follow"
    LIKE = "like"
    REPLY = "reply"
    MENTION = "mention"
    MESSAGE = "message"
    MISSED_CALL = "missed_call"


@dataclass(frozen=True)
class Subject:
    """What it is about; the client links to it."""

    post_id: str | None = None
    conversation_id: str | None = None
    call_id: str | None = None


@dataclass(frozen=True)
class Notice:
    """One thing to tell one person.

    ``once`` names the fact: however often it is told, it counts once (also when somebody takes a like back and gives
    it again). Notices of one ``group`` that were not read yet become one notification.
    """

    recipient: str
    type: Type
    actor: str
    at: str
    once: str
    group: str | None = None
    subject: Subject = Subject()
    preview: str | None = None


@dataclass(frozen=True)
class Notification:
    """As kept: ``actors`` are the latest people of the group, the newest first; ``count`` is all that it stands for."""

    id: str
    recipient: str
    type: Type
    at: str
    actors: tuple[str, ...]
    count: int
    subject: Subject
    preview: str | None

    def to_wire(self, actor: Mapping[str, Any], *, read: bool) -> dict[str, Any]:
        """The API's ``Notification``."""
        return {
            "id": self.id,
            "type": str(self.type),
            "at": self.at,
            "actor": dict(actor),
            "count": self.count,
            "postId": self.subject.post_id,
            "conversationId": self.subject.conversation_id,
            "callId": self.subject.call_id,
            "preview": self.preview,
            "read": read,
        }


@dataclass(frozen=True)
class Marks:
    """A person's state: all up to ``read_up_to`` is read, ``unread`` are beyond; ``revision`` counts the changes."""

    unread: int = 0
    read_up_to: str = ""
    revision: int = 0

    def has_read(self, notification_id: str) -> bool:
        return notification_id <= self.read_up_to


def made_of(notice: Notice, notification_id: str, older: Notification | None) -> Notification:
    """A new notification, or ``older`` of the same group with this notice in it.

    Queues don't keep order: of the two, the later one gives time, text and the first name.
    """
    if older is None:
        actors: tuple[str, ...] = (notice.actor,)
        count, at, preview = 1, notice.at, notice.preview
    elif notice.at >= older.at:
        others = [actor for actor in older.actors if actor != notice.actor]
        actors, count, at, preview = (notice.actor, *others), older.count + 1, notice.at, notice.preview
    else:
        late = () if notice.actor in older.actors else (notice.actor,)
        actors, count, at, preview = (*older.actors, *late), older.count + 1, older.at, older.preview
    return Notification(
        notification_id, notice.recipient, notice.type, at, actors[:ACTORS_KEPT], count, notice.subject, preview
    )


def id_after(read_up_to: str) -> str:
    """A new id; greater than what was read, also when the clocks of two machines differ."""
    made = new_id()
    return made if made > read_up_to else str(ULID.from_int(int(ULID.from_str(read_up_to)) + 1))


def notices_of(event: DomainEvent) -> list[Notice]:
    """Everyone to be told about an event; nobody is told about themselves. Other events tell nobody anything."""
    rule = _RULES.get(event.type)
    if rule is None:
        return []
    return [notice for notice in rule(event) if notice.recipient != notice.actor]


def _followed(event: DomainEvent) -> list[Notice]:
    follower = event.data["followerId"]
    return [Notice(event.data["followeeId"], Type.FOLLOW, follower, event.at, f"follow#{follower}")]


def _liked(event: DomainEvent) -> list[Notice]:
    post, user = event.data["postId"], event.data["userId"]
    once, group = f"like#{post}#{user}", f"like#{post}"
    return [Notice(event.data["authorId"], Type.LIKE, user, event.at, once, group, Subject(post_id=post))]


def _published(event: DomainEvent) -> list[Notice]:
    """A reply and a mention of the same person is a reply."""
    post, author = event.data["postId"], event.data["authorId"]
    told = Notice("", Type.REPLY, author, event.at, f"post#{post}", subject=Subject(post_id=post))
    notices = []
    parent = event.data["replyTo"]
    if parent:
        notices.append(replace(told, recipient=parent["authorId"]))
    known = {notice.recipient for notice in notices}
    for user in dict.fromkeys(event.data["mentions"]):
        if user not in known:
            notices.append(replace(told, recipient=user, type=Type.MENTION))
    return notices


def _message_sent(event: DomainEvent) -> list[Notice]:
    conversation, data = event.data["conversationId"], event.data
    told = Notice(
        "", Type.MESSAGE, data["senderId"], event.at, f"message#{data['messageId']}", f"message#{conversation}",
        Subject(conversation_id=conversation), data["preview"],
    )  # fmt: skip
    return [replace(told, recipient=user) for user in data["recipientIds"]]


def _call_missed(event: DomainEvent) -> list[Notice]:
    call, caller = event.data["callId"], event.data["callerId"]
    subject = Subject(call_id=call)
    return [Notice(event.data["calleeId"], Type.MISSED_CALL, caller, event.at, f"call#{call}", subject=subject)]


_RULES: dict[str, Callable[[DomainEvent], list[Notice]]] = {
    "user.followed": _followed,
    "post.liked": _liked,
    "post.published": _published,
    "chat.message_sent": _message_sent,
    "call.missed": _call_missed,
}
