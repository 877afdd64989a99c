"""Who is told what because of a domain event: pure rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from services.common.events import DomainEvent
from services.notifications.model import Notice, Subject, Type


def notices_of(event: DomainEvent) -> list[Notice]:
    """Everyone to be told about an event; nobody is told about themselves. Other events tell nobody anything."""
    rule = RULES.get(event.type)
    if rule is None:
        return []
    return [notice for notice in rule(event) if notice.recipient != notice.actor]


def _published(event: DomainEvent) -> list[Notice]:
    """One notice per person: who is answered hears of a reply, else who is quoted of a quote, else of the mention."""
    data = event.data
    mentioned = dict.fromkeys(data["mentions"])
    told: dict[str, Type] = {}
    for kind, post in ((Type.REPLY, data["replyTo"]), (Type.QUOTE, data.get("quoteOf"))):
        if post:
            told.setdefault(post["authorId"], kind)
    for user in mentioned:
        told.setdefault(user, Type.MENTION)
    if data["visibility"] == "mentioned":
        told = {user: kind for user, kind in told.items() if user in mentioned}
    followers_only = data["visibility"] == "followers"
    return [
        replace(
            _of_post(event, data), recipient=user, type=kind, followers_only=followers_only and user not in mentioned
        )
        for user, kind in told.items()
    ]


def _edited(event: DomainEvent) -> list[Notice]:
    """Whoever is mentioned since the edit; the fact is that of the post, so nobody hears of it twice."""
    return [replace(_of_post(event, event.data), recipient=user) for user in dict.fromkeys(event.data["mentionsAdded"])]


def _of_post(event: DomainEvent, data: Mapping[str, Any]) -> Notice:
    post = data["postId"]
    return Notice("", Type.MENTION, data["authorId"], event.at, f"post#{post}", subject=Subject(post_id=post))


def _of_own_post(kind: Type) -> Callable[[DomainEvent], list[Notice]]:
    """Likes, reposts, reactions: the author hears of each person once, those of one post together."""

    def rule(event: DomainEvent) -> list[Notice]:
        post, user = event.data["postId"], event.data["userId"]
        group = f"{kind}#{post}"
        return [
            Notice(event.data["authorId"], kind, user, event.at, f"{group}#{user}", group, Subject(post_id=post),
                   detail=event.data.get("emoji"))
        ]  # fmt: skip

    return rule


def _of_follow(kind: Type, *, actor: str, recipient: str) -> Callable[[DomainEvent], list[Notice]]:
    """``actor`` and ``recipient`` are keys of the event's data; all of one kind that wait unread are told together."""

    def rule(event: DomainEvent) -> list[Notice]:
        who = event.data[actor]
        return [Notice(event.data[recipient], kind, who, event.at, f"{kind}#{who}", str(kind))]

    return rule


def _message_sent(event: DomainEvent) -> list[Notice]:
    """Those of one conversation together. Who is mentioned hears of it also where the conversation is muted."""
    data = event.data
    details = dict.fromkeys(data.get("requestIds", ()), "request") | dict.fromkeys(
        data.get("mentionIds", ()), "mention"
    )
    told = _of_chat(event, data["senderId"])
    return [replace(told, recipient=user, detail=details.get(user)) for user in data["recipientIds"]]


def _message_unreceived(event: DomainEvent) -> list[Notice]:
    """The same fact as that it was sent: who heard of that hears nothing more."""
    return [replace(notice, away=True) for notice in _message_sent(event)]


def _members_added(event: DomainEvent) -> list[Notice]:
    data = event.data
    told = _of_chat(event, data["actorId"])
    requests = set(data["requestIds"])
    return [replace(told, recipient=one, detail="request" if one in requests else "added") for one in data["userIds"]]


def _of_chat(event: DomainEvent, actor: str) -> Notice:
    """``preview`` begins with the name of the group, if it is one."""
    data = event.data
    conversation = data["conversationId"]
    preview = ": ".join(text for text in (data.get("title"), data.get("preview")) if text)
    return Notice(
        "", Type.MESSAGE, actor, event.at, f"message#{data['messageId']}", f"message#{conversation}",
        Subject(conversation_id=conversation), preview or None,
    )  # fmt: skip


def _call_missed(event: DomainEvent) -> list[Notice]:
    call, caller = event.data["callId"], event.data["callerId"]
    subject = Subject(call_id=call)
    return [Notice(event.data["calleeId"], Type.MISSED_CALL, caller, event.at, f"call#{call}", subject=subject)]


def _poll_ended(event: DomainEvent) -> list[Notice]:
    """Who voted, and who asked: the latter as nobody's deed, because it is their own poll."""
    post, author = event.data["postId"], event.data["authorId"]
    told = Notice("", Type.POLL_ENDED, author, event.at, f"poll#{post}", subject=Subject(post_id=post))
    own = replace(told, recipient=author, actor="", detail="own")
    return [own if one == author else replace(told, recipient=one) for one in event.data["recipientIds"]]


def _scheduled(outcome: str) -> Callable[[DomainEvent], list[Notice]]:
    def rule(event: DomainEvent) -> list[Notice]:
        data = event.data
        once, subject = f"scheduled#{data['scheduledId']}#{outcome}", Subject(post_id=data.get("postId"))
        return [
            Notice(data["authorId"], Type.SCHEDULED_POST, "", event.at, once, subject=subject,
                   preview=data.get("reason"), detail=outcome)
        ]  # fmt: skip

    return rule


def _moderated(event: DomainEvent) -> list[Notice]:
    """The person concerned, never by whom; a report that was dismissed changes nothing for them."""
    data = event.data
    if data["decision"] == "dismiss":
        return []
    once = f"moderation#{data['subjectKind']}#{data['subjectId']}#{data['version']}"
    subject = Subject(post_id=data["subjectId"] if data["subjectKind"] == "post" else None)
    return [
        Notice(data["ownerId"], Type.MODERATION, "", event.at, once, subject=subject,
               preview=data["comment"] or None, detail=data["decision"])
    ]  # fmt: skip


#: type of event → who is told; the queues of notifications get these types and no others (``infra/constants.py``)
RULES: dict[str, Callable[[DomainEvent], list[Notice]]] = {
    "post.published": _published,
    "post.edited": _edited,
    "post.liked": _of_own_post(Type.LIKE),
    "post.reacted": _of_own_post(Type.REACTION),
    "post.reposted": _of_own_post(Type.REPOST),
    "post.scheduled_published": _scheduled("published"),
    "post.scheduled_failed": _scheduled("failed"),
    "poll.ended": _poll_ended,
    "user.followed": _of_follow(Type.FOLLOW, actor="followerId", recipient="followeeId"),
    "user.follow_requested": _of_follow(Type.FOLLOW_REQUEST, actor="followerId", recipient="followeeId"),
    "user.follow_accepted": _of_follow(Type.FOLLOW_ACCEPTED, actor="followeeId", recipient="followerId"),
    "chat.message_sent": _message_sent,
    "chat.message_unreceived": _message_unreceived,
    "chat.members_added": _members_added,
    "call.missed": _call_missed,
    "moderation.decided": _moderated,
}
