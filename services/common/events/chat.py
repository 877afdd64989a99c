"""Events of the chat context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from services.common.events.envelope import DomainEvent
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AboutMessage(DomainEvent):
    """``mention_ids`` and ``request_ids`` are the recipients whom it mentions, and those for whom it is a message
    request. ``title`` is that of a group."""

    conversation_id: str
    conversation_kind: Literal["direct", "group"]
    title: str | None = None
    message_id: str
    seq: int
    sender_id: str
    recipient_ids: tuple[str, ...]
    mention_ids: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ()
    preview: str


@dataclass(frozen=True, kw_only=True)
class ChatMessageSent(AboutMessage):
    """A message was sent; recipients are members who seem to be away, and mentioned ones."""

    type = "chat.message_sent"
    version = 2
    added: ClassVar = {2: {"conversationKind": "direct", "title": None, "mentionIds": [], "requestIds": []}}


@dataclass(frozen=True, kw_only=True)
class ChatMessageUnreceived(AboutMessage):
    """A message did not arrive; recipients are members who seemed connected."""

    type = "chat.message_unreceived"


@dataclass(frozen=True, kw_only=True)
class ChatMessageEdited(DomainEvent):
    """``mention_ids`` are those whom it mentions now."""

    type = "chat.message_edited"

    conversation_id: str
    title: str | None = None
    message_id: str
    mention_ids: tuple[str, ...] = ()
    preview: str


@dataclass(frozen=True, kw_only=True)
class ChatMessageDeleted(DomainEvent):
    """A message was deleted for everyone; its content is gone."""

    type = "chat.message_deleted"

    conversation_id: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class ConversationRead(DomainEvent):
    """The actor has read the conversation up to ``seq``, on some device."""

    type = "chat.read"

    conversation_id: str
    seq: int


@dataclass(frozen=True, kw_only=True)
class ChatMemberLeft(DomainEvent):
    """``user_id`` is no longer a member, or declined to join."""

    type = "chat.member_left"

    conversation_id: str
    user_id: str


@dataclass(frozen=True, kw_only=True)
class ChatMembersAdded(DomainEvent):
    """``request_ids`` are those of ``user_ids`` who have yet to accept."""

    type = "chat.members_added"

    conversation_id: str
    title: str | None = None
    message_id: str
    actor_id: str
    user_ids: tuple[str, ...]
    request_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChatMediaChanged(DomainEvent):
    """``seq`` is that of the message; 0 stands for the picture of the group. ``owners``: media id → who sent or chose
    it, ``None`` where that is not known."""

    type = "chat.media_changed"
    version = 2
    added: ClassVar = {2: {"owners": {}}}

    conversation_id: str
    seq: int
    media_ids: tuple[str, ...]
    owners: Mapping[str, str | None]
