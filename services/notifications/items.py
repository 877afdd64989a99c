"""Items of the notifications table: keys, and from items to the model and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.events import Moment
from services.common.ids import unnamed
from services.notifications.model import Fact, Marks, Notification, NotificationSubject, NotificationType

PREFIX = "N#"
FACTS = "FACT#"
GONE = "GONE"
#: Beside it: the text of what was edited.
TEXT = "TEXT"


def user_key(user_id: str) -> str:
    return f"USER#{user_id}"


def kind_key(user_id: str, kind: NotificationType) -> str:
    return f"USER#{user_id}#{kind}"


def about_key(subject: str) -> str:
    """The partition of the people who were notified of a post or a message."""
    return f"ABOUT#{subject}"


def actor_key(user_id: str) -> str:
    """In the index: all facts about a person's actions."""
    return f"BY#{user_id}"


def told_key(recipient: str, once: str) -> str:
    """Within ``about_key`` and ``actor_key``."""
    return f"{recipient}#{once}"


def gone_key(user_id: str) -> tuple[str, str]:
    """The marker of a deleted account: it holds only the hash of the id."""
    return f"GONE#{unnamed(user_id)}", GONE


def left_key(group: str | None) -> str:
    """When a person left a conversation: earlier messages that arrive later cause no notification."""
    return f"LEFT#{group}"


def marks_of(item: Mapping[str, Any] | None) -> Marks:
    if item is None:
        return Marks()
    return Marks(item["unread"], item["readUpTo"], item["revision"], item.get("seenUpTo", ""))


def attributes_of(notification: Notification) -> dict[str, Any]:
    subject = notification.subject
    found = {
        "id": notification.id,
        "type": str(notification.type),
        "at": notification.at,
        "actors": list(notification.actors),
        "count": notification.count,
        "postId": subject.post_id,
        "conversationId": subject.conversation_id,
        "callId": subject.call_id,
        "liveId": subject.live_id,
        "preview": notification.preview,
        "detail": notification.detail,
        "facts": [_fact_attributes(fact) for fact in notification.facts],
        "bundle": notification.bundle,
        "group": notification.group,
        "lastSeq": notification.last_seq or None,
        "read": notification.read or None,
        "gsi1pk": kind_key(notification.recipient, notification.type),
        "gsi1sk": f"{PREFIX}{notification.id}",
    }
    return {key: value for key, value in found.items() if value is not None}


def _fact_attributes(fact: Fact) -> dict[str, Any]:
    kept = {
        "once": fact.once,
        "actor": fact.actor,
        "at": fact.at,
        "preview": fact.preview,
        "detail": fact.detail,
        "seq": fact.seq or None,
    }
    return {key: value for key, value in kept.items() if value is not None}


def moment_of(fact: Mapping[str, Any]) -> Moment:
    """The moment of the stored fact, active or withdrawn."""
    return Moment(fact.get("at", ""), fact.get("sequence", ""))


def moment_attributes(moment: Moment) -> dict[str, str]:
    return {"at": moment.at, **({"sequence": moment.sequence} if moment.sequence else {})}


def fact_of(item: Mapping[str, Any]) -> Fact:
    return Fact(
        item["once"], item["actor"], item["at"], item.get("preview"), item.get("detail"), int(item.get("seq", 0))
    )


def notification_of(item: Mapping[str, Any]) -> Notification:
    """A notification from its item; items from before facts were stored in them have none."""
    return Notification(
        id=item["id"],
        recipient=item["pk"].removeprefix("USER#"),
        type=NotificationType(item["type"]),
        at=item["at"],
        actors=tuple(item["actors"]),
        count=int(item["count"]),
        subject=NotificationSubject(
            item.get("postId"), item.get("conversationId"), item.get("callId"), item.get("liveId")
        ),
        preview=item.get("preview"),
        detail=item.get("detail"),
        read=bool(item.get("read")),
        facts=tuple(fact_of(one) for one in item.get("facts", ())),
        bundle=item.get("bundle", item["id"]),
        group=item.get("group"),
        last_seq=int(item.get("lastSeq", 0)),
    )
