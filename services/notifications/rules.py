"""The notices that a domain event causes: pure rules."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from services.common.events import (
    AboutMessage,
    AboutPost,
    CallMissed,
    CallRinging,
    CallRingingEnded,
    ChatMembersAdded,
    ChatMessageSent,
    ChatMessageUnreceived,
    DomainEvent,
    FollowAccepted,
    FollowRequested,
    LiveStarted,
    ModerationDecided,
    PollEnded,
    PostEdited,
    PostLiked,
    PostPublished,
    PostReacted,
    PostReposted,
    RoomRinging,
    RoomRingingEnded,
    ScheduledPostFailed,
    ScheduledPostPublished,
    UserFollowed,
)
from services.notifications.model import Notice, NotificationSubject, NotificationType, subject_key


def post_once(post_id: str) -> str:
    """The fact that a post concerns somebody: a reply, a quote, a mention."""
    return f"post#{post_id}"


def edge_once(kind: NotificationType, post_id: str, user_id: str) -> str:
    """The fact that somebody liked, reacted to or reposted a post."""
    return f"{kind}#{post_id}#{user_id}"


def follow_once(kind: NotificationType, user_id: str) -> str:
    """The fact that somebody follows, asks to, or accepted."""
    return f"{kind}#{user_id}"


def conversation_group(conversation_id: str) -> str:
    """The group of a conversation's messages, which become one notification."""
    return f"message#{conversation_id}"


def message_once(conversation_id: str, message_id: str) -> str:
    """The fact that a message arrived; those of a conversation share a prefix."""
    return f"message#{conversation_id}#{message_id}"


def shown_text(title: str | None, preview: str) -> str | None:
    """The shown text of a message; in a group it begins with the group's name."""
    return ": ".join(text for text in (title, preview) if text) or None


def notices_of(event: DomainEvent) -> list[Notice]:
    """The notices of an event, none to the actor. Other events have none."""
    rule = RULES.get(type(event))
    if rule is None:
        return []
    return [notice for notice in rule(event) if notice.recipient != notice.actor]


def _published(event: PostPublished) -> list[Notice]:
    """One notice per person: a reply, else a quote, else a mention."""
    mentioned = dict.fromkeys(event.mentions)
    told: dict[str, NotificationType] = {}
    for kind, post in ((NotificationType.REPLY, event.reply_to), (NotificationType.QUOTE, event.quote_of)):
        if post:
            told.setdefault(post.author_id, kind)
    for user in mentioned:
        told.setdefault(user, NotificationType.MENTION)
    if event.visibility == "mentioned":
        told = {user: kind for user, kind in told.items() if user in mentioned}
    followers_only = event.visibility == "followers"
    return [
        replace(_of_post(event), recipient=user, type=kind, followers_only=followers_only and user not in mentioned)
        for user, kind in told.items()
    ]


def _edited(event: PostEdited) -> list[Notice]:
    """Notices for people mentioned since the edit; the fact is that of the post, so nobody is notified twice."""
    return mentions_of(event, event.mentions_added)


def mentions_of(event: PostEdited, user_ids: Collection[str]) -> list[Notice]:
    """Notices that the post mentions these people."""
    return [replace(_of_post(event), recipient=one) for one in dict.fromkeys(user_ids) if one != event.author_id]


def _of_post(event: PostPublished | PostEdited) -> Notice:
    subject = NotificationSubject(post_id=event.post_id)
    return Notice("", NotificationType.MENTION, event.author_id, event.at, post_once(event.post_id), subject=subject,
                  about=subject_key("post", event.post_id))  # fmt: skip


def _liked(event: PostLiked) -> list[Notice]:
    return [_of_own_post(NotificationType.LIKE, event)]


def _reposted(event: PostReposted) -> list[Notice]:
    return [_of_own_post(NotificationType.REPOST, event)]


def _reacted(event: PostReacted) -> list[Notice]:
    return [replace(_of_own_post(NotificationType.REACTION, event), detail=event.emoji)]


def _of_own_post(kind: NotificationType, event: AboutPost) -> Notice:
    """The author is notified of each person once, grouped by post."""
    group, subject = f"{kind}#{event.post_id}", NotificationSubject(post_id=event.post_id)
    once = edge_once(kind, event.post_id, event.user_id)
    about = subject_key("post", event.post_id)
    return Notice(
        event.author_id, kind, event.user_id, event.at, once, group, subject, about=about, sequence=event.sequence
    )


def _followed(event: UserFollowed) -> list[Notice]:
    return [_of_follow(NotificationType.FOLLOW, event, actor=event.follower_id, recipient=event.followee_id)]


def _follow_requested(event: FollowRequested) -> list[Notice]:
    return [_of_follow(NotificationType.FOLLOW_REQUEST, event, actor=event.follower_id, recipient=event.followee_id)]


def _follow_accepted(event: FollowAccepted) -> list[Notice]:
    return [_of_follow(NotificationType.FOLLOW_ACCEPTED, event, actor=event.followee_id, recipient=event.follower_id)]


def _of_follow(kind: NotificationType, event: DomainEvent, *, actor: str, recipient: str) -> Notice:
    """Unread ones of one kind are grouped."""
    return Notice(recipient, kind, actor, event.at, follow_once(kind, actor), str(kind), sequence=event.sequence)


def _message_sent(event: ChatMessageSent | ChatMessageUnreceived) -> list[Notice]:
    """Grouped by conversation. A mention notifies also when the conversation is muted."""
    details = dict.fromkeys(event.request_ids, "request") | dict.fromkeys(event.mention_ids, "mention")
    told = _of_chat(event, event.sender_id, event.preview)
    return [replace(told, recipient=user, detail=details.get(user)) for user in event.recipient_ids]


def _message_unreceived(event: ChatMessageUnreceived) -> list[Notice]:
    """The same fact as for the sent message: people who were notified of that get no second notice."""
    return [replace(notice, away=True) for notice in _message_sent(event)]


def _members_added(event: ChatMembersAdded) -> list[Notice]:
    told, requests = _of_chat(event, event.actor_id), set(event.request_ids)
    return [replace(told, recipient=one, detail="request" if one in requests else "added") for one in event.user_ids]


def _of_chat(event: AboutMessage | ChatMembersAdded, actor: str, preview: str = "") -> Notice:
    shown = shown_text(event.title, preview)
    group = conversation_group(event.conversation_id)
    once = message_once(event.conversation_id, event.message_id)
    subject = NotificationSubject(conversation_id=event.conversation_id)
    seq = 0 if isinstance(event, ChatMembersAdded) else event.seq
    about = subject_key("message", event.message_id)
    return Notice("", NotificationType.MESSAGE, actor, event.at, once, group, subject, shown, about=about, seq=seq)


def _call_missed(event: CallMissed) -> list[Notice]:
    once, subject = f"call#{event.call_id}", NotificationSubject(call_id=event.call_id)
    return [Notice(event.callee_id, NotificationType.MISSED_CALL, event.caller_id, event.at, once, subject=subject)]


def ringings_of(event: CallRinging | RoomRinging) -> list[Notice]:
    """Pushed and not stored. The preference is that of missed calls."""
    if isinstance(event, CallRinging):
        told = _ring(event.callee_id, event.call_id, f"call:{event.call_id}", event)
        return [replace(told, subject=NotificationSubject(call_id=event.call_id), detail=f"ringing.{event.media}")]
    subject = NotificationSubject(conversation_id=event.conversation_id)
    told = _ring("", event.room_id, f"room:{event.room_id}", event)
    told = replace(told, subject=subject, preview=event.title, detail=f"room.{event.media}")
    return [replace(told, recipient=one) for one in event.recipient_ids]


def ringings_ended_by(event: CallRingingEnded | RoomRingingEnded) -> list[Notice]:
    """The notices of ``ringings_of`` for the same call, with only the data to withdraw them."""
    if isinstance(event, CallRingingEnded):
        return [_ring(event.callee_id, event.call_id, f"call:{event.call_id}", event)]
    return [_ring(one, event.room_id, f"room:{event.room_id}", event) for one in event.user_ids]


def _ring(recipient: str, call_id: str, tag: str, event: DomainEvent) -> Notice:
    """The page shows its own notification of the call under the same tag (``state/call-attention.ts``)."""
    return Notice(recipient, NotificationType.MISSED_CALL, event.actor, event.at, f"ring#{call_id}", tag)


def _poll_ended(event: PollEnded) -> list[Notice]:
    """Notices for the voters, and for the author without an actor, because it is their own poll."""
    post, author = event.post_id, event.author_id
    told = Notice(
        "", NotificationType.POLL_ENDED, author, event.at, f"poll#{post}", subject=NotificationSubject(post_id=post),
        about=subject_key("post", post),
    )  # fmt: skip
    own = replace(told, recipient=author, actor="", detail="own")
    return [own if one == author else replace(told, recipient=one) for one in event.recipient_ids]


def _scheduled_published(event: ScheduledPostPublished) -> list[Notice]:
    subject, about = NotificationSubject(post_id=event.post_id), subject_key("post", event.post_id)
    return [replace(_of_scheduled(event, "published"), subject=subject, about=about)]


def _scheduled_failed(event: ScheduledPostFailed) -> list[Notice]:
    return [replace(_of_scheduled(event, "failed"), preview=event.reason)]


def _of_scheduled(event: ScheduledPostPublished | ScheduledPostFailed, outcome: str) -> Notice:
    once = f"scheduled#{event.scheduled_id}#{outcome}"
    return Notice(event.author_id, NotificationType.SCHEDULED_POST, "", event.at, once, detail=outcome)


def _live_started(event: LiveStarted) -> list[Notice]:
    """Followers, as long as they still follow."""
    told = Notice(
        "", NotificationType.LIVE, event.host_id, event.at, f"live#{event.live_id}",
        subject=NotificationSubject(live_id=event.live_id), preview=event.title or None, followers_only=True,
        about=subject_key("live", event.live_id),
    )  # fmt: skip
    return [replace(told, recipient=one) for one in event.recipient_ids]


def _moderated(event: ModerationDecided) -> list[Notice]:
    """A notice for the person concerned, without the moderator; none for a dismissed report."""
    if event.decision == "dismiss":
        return []
    once = f"moderation#{event.subject_kind}#{event.subject_id}#{event.subject_version}"
    subject = NotificationSubject(post_id=event.subject_id if event.subject_kind == "post" else None)
    return [
        Notice(event.owner_id, NotificationType.MODERATION, "", event.at, once, subject=subject,
               preview=event.comment or None, detail=event.decision)
    ]  # fmt: skip


#: event → its notices; the queues of notifications get these types and no others (``infra/constants.py``)
RULES: dict[type[DomainEvent], Callable[[Any], list[Notice]]] = {
    PostPublished: _published,
    PostEdited: _edited,
    PostLiked: _liked,
    PostReacted: _reacted,
    PostReposted: _reposted,
    ScheduledPostPublished: _scheduled_published,
    ScheduledPostFailed: _scheduled_failed,
    PollEnded: _poll_ended,
    UserFollowed: _followed,
    FollowRequested: _follow_requested,
    FollowAccepted: _follow_accepted,
    ChatMessageSent: _message_sent,
    ChatMessageUnreceived: _message_unreceived,
    ChatMembersAdded: _members_added,
    CallMissed: _call_missed,
    LiveStarted: _live_started,
    ModerationDecided: _moderated,
}
