"""Effects of a change in the chat table: frames for members, domain events for notifications."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import field, replace
from typing import Any, TypeVar

from services.chat.content import preview_of
from services.chat.model import RECEIPTS_LIMIT, Conversation, MemberList, Membership, Message, State
from services.chat.resources import ChatChangedEvent, ChatMessageEvent
from services.chat.views import message_resource
from services.common.clock import from_text
from services.common.events import (
    AboutMessage,
    ChatMemberLeft,
    ChatMembersAdded,
    ChatMessageDeleted,
    ChatMessageEdited,
    ConversationRead,
    DomainEvent,
)
from services.common.ids import derived_id, new_id
from services.common.lazy_dataclasses import dataclass
from services.common.outbox import Outgoing, frame
from services.common.signed_urls import granted

EventT = TypeVar("EventT", bound=AboutMessage)


@dataclass(frozen=True)
class Sent:
    """A message and its recipients: those who are away are notified at once, connected ones later if it did not reach
    them."""

    conversation: Conversation
    member_list: MemberList
    message: Message
    recipients: Sequence[str]

    def told_at_once(self, present: Collection[str]) -> list[str]:
        """Recipients who are away; and those who are mentioned, because mentions stay in the list of notifications."""
        mentioned = set(self.message.mentions.values())
        return [user for user in self.recipients if user not in present or user in mentioned]

    def asked_later(self, present: Collection[str]) -> list[str]:
        """Recipients who seem connected. None in large groups, which keep no marks."""
        if len(self.member_list.members) > RECEIPTS_LIMIT:
            return []
        return [user for user in self.recipients if user in present]

    def event(self, kind: type[EventT], recipients: Sequence[str]) -> EventT:
        """The event that the message was sent, or did not arrive, for these recipients."""
        message, conversation = self.message, self.conversation
        mentioned = set(message.mentions.values())
        return kind(
            cause=message.id,
            actor=message.sender_id,
            at=message.at,
            conversation_id=conversation.id,
            conversation_kind=conversation.kind,
            title=conversation.title,
            message_id=message.id,
            seq=message.seq,
            sender_id=message.sender_id,
            recipient_ids=tuple(recipients),
            mention_ids=tuple(user for user in recipients if user in mentioned),
            request_ids=tuple(user for user in recipients if self.member_list.members[user].state == "request"),
            preview=preview_of(message),
        )


def sent(conversation: Conversation, member_list: MemberList, message: Message) -> Sent:
    """Recipients are all who see it, except its sender and, unless it mentions them, members who muted the
    conversation."""
    moment, mentioned = from_text(message.at), set(message.mentions.values())
    recipients = [
        user
        for user in member_list.reached_by(message.seq)
        if user != message.sender_id and (user in mentioned or not member_list.members[user].is_muted(moment))
    ]
    return Sent(conversation, member_list, message, recipients)


@dataclass(frozen=True)
class ChatEffects:
    """The effects of one change, in this order: devices first. ``raises``: move the conversation to the top of these
    lists."""

    frames: list[Outgoing] = field(default_factory=list)
    raises: Conversation | None = None
    boxes: Sequence[tuple[str, State]] = ()
    domain_events: list[DomainEvent] = field(default_factory=list)
    sent: Sent | None = None


def of_message(conversation: Conversation, member_list: MemberList, before: str | None = None) -> ChatEffects:
    """The newest message, for every device of everyone who may see it, the sender's others included.

    Args:
        before: the conversation's activity before it. Groups move in their members' lists once a minute: each move is
            a write per member, and lists are put in order by the heads anyway.
    """
    message = conversation.last_message
    if message is None:
        return ChatEffects()
    data: ChatMessageEvent = {"message": granted(message_resource(message))}
    shown = frame("chat.message", derived_id("chat.message", message.id), data, message.at)
    reached = member_list.reached_by(message.seq)
    boxes = [(user, member_list.members[user].state) for user in reached if user != message.sender_id]
    if conversation.kind == "group" and before and before[:16] == message.at[:16]:
        boxes = []
    frames = [Outgoing(conversation.id, reached, shown)] if reached else []
    if message.system:
        return ChatEffects(frames, conversation, boxes, _members_added(conversation, member_list, message))
    return ChatEffects(frames, conversation, boxes, sent=sent(conversation, member_list, message))


def _members_added(conversation: Conversation, member_list: MemberList, message: Message) -> list[DomainEvent]:
    told = message.system or {}
    if told["type"] not in ("added", "created"):
        return []
    users = [user for user in told["userIds"] if user in member_list.members and user != message.sender_id]
    if not users:
        return []
    return [
        ChatMembersAdded(
            cause=message.id,
            actor=message.sender_id,
            at=message.at,
            conversation_id=conversation.id,
            title=conversation.title,
            message_id=message.id,
            actor_id=message.sender_id,
            user_ids=tuple(users),
            request_ids=tuple(user for user in users if member_list.members[user].state == "request"),
        )
    ]


def of_change(member_list: MemberList, rev: int, message: Message, title: str | None = None) -> ChatEffects:
    """A message was edited, deleted or reacted to: its state for everyone who may see it and, except for reactions, the
    domain event that corrects notifications of it."""
    data: ChatChangedEvent = {
        "conversationId": member_list.conversation_id,
        "rev": rev,
        "message": granted(message_resource(message)),
    }
    shown = frame("chat.changed", derived_id("chat.changed", member_list.conversation_id, str(rev)), data)
    reached = member_list.reached_by(message.seq)
    frames = [Outgoing(member_list.conversation_id, reached, shown)] if reached else []
    return ChatEffects(frames, domain_events=_told_otherwise(member_list.conversation_id, title, rev, message))


def _told_otherwise(conversation_id: str, title: str | None, rev: int, message: Message) -> list[DomainEvent]:
    cause, actor = f"{conversation_id}#{rev}", message.sender_id
    if message.deleted:
        return [ChatMessageDeleted(cause=cause, actor=actor, conversation_id=conversation_id, message_id=message.id)]
    if message.edited_at is None:
        return []
    return [
        ChatMessageEdited(
            cause=cause,
            actor=actor,
            conversation_id=conversation_id,
            title=title,
            message_id=message.id,
            mention_ids=tuple(dict.fromkeys(message.mentions.values())),
            preview=preview_of(message),
        )
    ]


def of_read(member_list: MemberList, membership: Membership, showing: Collection[str]) -> ChatEffects:
    """A read mark: the others' receipts, and the reader's own badge on other devices."""
    told = {membership.user_id, *_receivers(member_list, membership.user_id, showing)}
    effects = _mark("chat.read", member_list, membership, membership.last_read_seq, sorted(told))
    return replace(effects, domain_events=of_answered(membership).domain_events)


def of_answered(membership: Membership) -> ChatEffects:
    """The domain event for notifications of messages that are read now."""
    conversation_id, reader, seq = membership.conversation_id, membership.user_id, membership.last_read_seq
    cause = f"{conversation_id}#{reader}#{seq}"
    read = ConversationRead(cause=cause, actor=reader, conversation_id=conversation_id, seq=seq)
    return ChatEffects(domain_events=[read])


def of_delivered(member_list: MemberList, membership: Membership, showing: Collection[str]) -> ChatEffects:
    """A delivered mark, for the other members."""
    told = _receivers(member_list, membership.user_id, showing)
    return _mark("chat.delivered", member_list, membership, membership.delivered_seq, sorted(told))


def _mark(kind: str, member_list: MemberList, membership: Membership, seq: int, users: Sequence[str]) -> ChatEffects:
    data = {"conversationId": member_list.conversation_id, "userId": membership.user_id, "seq": seq}
    event_id = derived_id(kind, member_list.conversation_id, membership.user_id, str(seq))
    return ChatEffects([Outgoing(member_list.conversation_id, users, frame(kind, event_id, data))] if users else [])


def _receivers(member_list: MemberList, user_id: str, showing: Collection[str]) -> set[str]:
    """Members who receive a mark: active ones who show their own (``showing``), if its author shows theirs and has
    accepted."""
    member = member_list.members.get(user_id)
    if (
        member is None
        or member.state != "active"
        or user_id not in showing
        or len(member_list.members) > RECEIPTS_LIMIT
    ):
        return set()
    return {one for one in member_list.active() if one in showing and one != user_id}


def of_own(conversation_id: str, user_ids: Sequence[str], cause: str, *, gone: bool = False) -> ChatEffects:
    """Mute or acceptance changed, so devices should fetch the conversation; or the person is no longer a member."""
    data = {"conversationId": conversation_id, "gone": gone}
    shown = frame("chat.updated", derived_id("chat.updated", conversation_id, cause), data)
    left: list[DomainEvent] = [
        ChatMemberLeft(cause=f"{cause}#{user}", actor=user, conversation_id=conversation_id, user_id=user)
        for user in user_ids
        if gone
    ]
    return ChatEffects([Outgoing(conversation_id, user_ids, shown)], domain_events=left)


def of_declined(conversation_id: str, user_id: str, cause: str) -> ChatEffects:
    """The conversation stays hidden from this person."""
    effects = of_own(conversation_id, [user_id], cause)
    left = ChatMemberLeft(cause=cause, actor=user_id, conversation_id=conversation_id, user_id=user_id)
    return replace(effects, domain_events=[left])


def of_hidden(conversation_id: str, user_id: str, seqs: Sequence[int]) -> ChatEffects:
    """Messages that a person deleted for themselves, for their other devices."""
    cause = ",".join(str(seq) for seq in seqs)
    event_id = derived_id("chat.hidden", conversation_id, user_id, cause)
    data = {"conversationId": conversation_id, "seqs": list(seqs)}
    return ChatEffects([Outgoing(conversation_id, [user_id], frame("chat.hidden", event_id, data))])


def typing_frame(conversation_id: str, user_id: str) -> dict[str, Any]:
    return frame("chat.typing", new_id(), {"conversationId": conversation_id, "userId": user_id})
