"""What chat answers with, over HTTP and in frames."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from services.chat.model import Kind, Role, State
from services.chat.privacy import WhoMayWrite
from services.common.resources import Author, EntitiesResource, MediaResource, Paging


class SystemLine(TypedDict):
    """What happened to a group; the message's sender did it."""

    type: Literal["created", "renamed", "pictured", "added", "joined", "left", "removed", "role"]
    userIds: list[str]
    title: NotRequired[str | None]
    role: NotRequired[Role | None]


class Reaction(TypedDict):
    emoji: str
    userIds: list[str]


class MessageResource(TypedDict):
    """``seq`` counts from 1 without gaps within a conversation; ``replyTo`` is the ``seq`` of the message that this one
    answers. Of two states of a message the one with the greater ``rev`` holds. ``deleted`` for all: its place in the
    log stays, empty; ``hidden``: deleted for the reader alone."""

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
    """``role`` and ``accepted`` are null in lists; ``readSeq`` and ``deliveredSeq`` of members who do not show them."""

    role: Role | None
    accepted: bool | None
    readSeq: int | None
    deliveredSeq: int | None


class OwnMembership(TypedDict):
    """How the reader stands to the conversation; ``since`` is the first ``seq`` they may see."""

    role: Role | None
    state: State
    muted: bool
    mutedUntil: str | None
    since: int


class ConversationResource(TypedDict):
    """In lists ``members`` of a group are only those whom the last line names. ``pending``: the other has not accepted
    yet."""

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
    """``people``: everyone whom the messages name, also those who have left."""

    items: list[MessageResource]
    people: list[Author]


class ChangedMessages(TypedDict):
    """``rev``: up to where all changes are known now."""

    items: list[MessageResource]
    rev: int
    more: bool


class FoundMessages(TypedDict):
    """``before``: where the next request goes on, null when all was looked at."""

    items: list[MessageResource]
    people: list[Author]
    before: int | None


class JoinLinkResource(TypedDict):
    token: str
    expiresAt: str


class HeldLink(TypedDict):
    link: JoinLinkResource | None


class LinkPreview(TypedDict):
    """``conversationId`` is null for people who are not in it."""

    conversationId: str | None
    title: str | None
    avatarUrl: str | None
    memberCount: int
    joined: bool


class ChatSettingsResource(TypedDict):
    """``whoMayWrite``: who may begin a conversation with the viewer; ``following`` are those whom they follow."""

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
    """A new message, for all devices of all members, the sender's others too."""

    message: MessageResource


class ChatChangedEvent(TypedDict):
    """A message was edited, deleted or reacted to. ``rev`` counts these changes from 1 without gaps."""

    conversationId: str
    rev: int
    message: MessageResource


class ChatReadEvent(TypedDict):
    """A member has read all up to ``seq``."""

    conversationId: str
    userId: str
    seq: int


class ChatDeliveredEvent(TypedDict):
    """All up to ``seq`` has arrived at a member's device."""

    conversationId: str
    userId: str
    seq: int


class ChatHiddenEvent(TypedDict):
    """The person deleted these messages for themselves on another device."""

    conversationId: str
    seqs: list[int]


class ChatUpdatedEvent(TypedDict):
    """Mute, acceptance or membership changed: ask for the conversation again, or forget it when it is ``gone``."""

    conversationId: str
    gone: bool


class ChatTypingEvent(TypedDict):
    """A member is typing; not kept."""

    conversationId: str
    userId: str
