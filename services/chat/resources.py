"""What chat answers with, over HTTP and in frames."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from services.chat.model import Kind, Role, State
from services.chat.privacy import WhoMayWrite
from services.common.resources import Author, EntitiesResource, MediaResource, Paging


class SystemLine(TypedDict):
    """A change of a group, made by the message's sender."""

    type: Literal["created", "renamed", "pictured", "added", "joined", "left", "removed", "role"]
    userIds: list[str]
    title: NotRequired[str | None]
    role: NotRequired[Role | None]


class Reaction(TypedDict):
    emoji: str
    userIds: list[str]


class MessageResource(TypedDict):
    """``seq`` counts from 1 without gaps within a conversation; ``replyTo`` is the ``seq`` of the message that this one
    replies to. Of two states of a message, the one with the greater ``rev`` is newer. ``deleted``: for everyone; it
    stays in the log without content. ``hidden``: deleted only for the reader."""

    id: str
    conversationId: str
    seq: int
    senderId: str
    clientMessageId: str
    text: str
    at: str
    entities: EntitiesResource
    media: list[MediaResource]
    replyTo: int | None
    system: SystemLine | None
    reactions: list[Reaction]
    editedAt: str | None
    deleted: bool
    hidden: bool
    rev: int


class MemberResource(Author):
    """``role`` and ``accepted`` are null in lists; ``readSeq`` and ``deliveredSeq`` of members who hide them."""

    role: Role | None
    accepted: bool | None
    readSeq: int | None
    deliveredSeq: int | None


class OwnMembership(TypedDict):
    """The reader's membership; ``since`` is the first ``seq`` that they may see."""

    role: Role | None
    state: State
    muted: bool
    mutedUntil: str | None
    since: int


class ConversationResource(TypedDict):
    """In lists, ``members`` of a group are only those whom the last line names. ``pending``: the other person has not
    accepted yet."""

    id: str
    kind: Kind
    title: str | None
    avatarUrl: str | None
    memberCount: int
    members: list[MemberResource]
    lastMessage: MessageResource | None
    seq: int
    rev: int
    unread: int
    lastReadSeq: int
    updatedAt: str
    pending: bool
    me: OwnMembership


class MessagePage(Paging):
    """``people``: everyone named in the messages, including people who have left."""

    items: list[MessageResource]
    people: list[Author]


class ChangedMessages(TypedDict):
    """``rev``: all changes up to this revision are included."""

    items: list[MessageResource]
    rev: int
    more: bool


class FoundMessages(TypedDict):
    """``before``: where the next request continues, or null when everything was searched."""

    items: list[MessageResource]
    people: list[Author]
    before: int | None


class JoinLinkResource(TypedDict):
    token: str
    expiresAt: str


class HeldLink(TypedDict):
    link: JoinLinkResource | None


class LinkPreview(TypedDict):
    """``conversationId`` is null for people who are not members."""

    conversationId: str | None
    title: str | None
    avatarUrl: str | None
    memberCount: int
    joined: bool


class ChatSettingsResource(TypedDict):
    """``whoMayWrite``: who may start a conversation with the viewer; ``following`` means people whom the viewer
    follows."""

    whoMayWrite: WhoMayWrite
    receipts: bool
    presence: bool


class PresenceResource(TypedDict):
    """``online``: they said within 90 seconds that they are there."""

    online: bool
    lastSeenAt: str | None


class PresenceAnswer(TypedDict):
    """``people`` by user id; ``rest`` are the conversations to ask for next."""

    people: dict[str, PresenceResource]
    rest: list[str]


class ChatMessageEvent(TypedDict):
    """A new message, for all devices of all members, including the sender's other devices."""

    message: MessageResource


class ChatChangedEvent(TypedDict):
    """A message was edited or deleted, or its reactions changed. ``rev`` counts these changes from 1 without gaps."""

    conversationId: str
    rev: int
    message: MessageResource


class ChatReadEvent(TypedDict):
    """A member has read all messages up to ``seq``."""

    conversationId: str
    userId: str
    seq: int


class ChatDeliveredEvent(TypedDict):
    """All messages up to ``seq`` have arrived on a member's device."""

    conversationId: str
    userId: str
    seq: int


class ChatHiddenEvent(TypedDict):
    """The person deleted these messages for themselves on another device."""

    conversationId: str
    seqs: list[int]


class ChatUpdatedEvent(TypedDict):
    """Mute, acceptance or membership changed: request the conversation again, or forget it if it is ``gone``."""

    conversationId: str
    gone: bool


class ChatTypingEvent(TypedDict):
    """A member is typing; not stored."""

    conversationId: str
    userId: str
