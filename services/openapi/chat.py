"""Resources of chat as clients see them, over HTTP and in frames."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from services.chat.model import Kind, Role
from services.chat.privacy import WhoMayWrite
from services.common.http import Body
from services.openapi.basics import Author, Media
from services.openapi.posts import Entities


class SystemLine(Body):
    """What happened to a group; the message's sender did it."""

    type: Literal["created", "renamed", "pictured", "added", "joined", "left", "removed", "role"]
    user_ids: list[str]
    title: str | None = None
    role: Role | None = None


class Reaction(Body):
    emoji: str
    user_ids: list[str]


class Message(Body):
    """Of two states of a message the one with the greater ``rev`` holds."""

    id: str
    conversation_id: str
    seq: int = Field(ge=1, description="Counts from 1 without gaps within its conversation.")
    sender_id: str
    client_message_id: str
    text: str
    at: str
    entities: Entities
    media: list[Media]
    reply_to: int | None = Field(description="`seq` of the message that this one answers.")
    system: SystemLine | None = Field(description="A line that nobody wrote.")
    reactions: list[Reaction]
    edited_at: str | None
    deleted: bool = Field(description="Deleted for all: its place in the log stays, empty.")
    hidden: bool = Field(description="Deleted for the reader alone.")
    rev: int


class Member(Author):
    """``role`` and ``accepted`` are null in lists; the marks are null of who does not show them."""

    role: Role | None
    accepted: bool | None
    read_seq: int | None
    delivered_seq: int | None


class Mine(Body):
    """How the reader stands to the conversation; ``since`` is the first ``seq`` they may see."""

    role: Role | None
    state: Literal["active", "request", "declined"]
    muted: bool
    muted_until: str | None
    since: int


class Conversation(Body):
    """In lists ``members`` of a group are only those whom the last line names."""

    id: str
    kind: Kind
    title: str | None
    avatar_url: str | None
    member_count: int
    members: list[Member]
    last_message: Message | None
    seq: int
    rev: int
    unread: int
    last_read_seq: int
    updated_at: str
    pending: bool = Field(description="The other has not accepted yet.")
    me: Mine


class ConversationPage(Body):
    items: list[Conversation]
    older: str | None
    newer: str | None


class MessagePage(Body):
    """``people``: everyone whom the messages name, also who has left."""

    items: list[Message]
    people: list[Author]
    older: str | None
    newer: str | None


class ChangedMessages(Body):
    """``rev``: up to where all changes are known now."""

    items: list[Message]
    rev: int
    more: bool


class FoundMessages(Body):
    """``before``: where the next request goes on, null when all was looked at."""

    items: list[Message]
    people: list[Author]
    before: int | None


class JoinLink(Body):
    token: str
    expires_at: str


class HeldLink(Body):
    link: JoinLink | None


class LinkPreview(Body):
    """``conversationId`` only for who is in it."""

    conversation_id: str | None
    title: str | None
    avatar_url: str | None
    member_count: int
    joined: bool


class ChatSettings(Body):
    who_may_write: WhoMayWrite
    receipts: bool
    presence: bool


_ONE = "/v1/conversations/{conversation_id}"
#: route → the answers that are no problems: status → resource, ``None`` for no content
ANSWERS: dict[str, dict[int, Any]] = {
    "POST /v1/conversations": {200: Conversation, 201: Conversation},
    "POST /v1/conversations/groups": {200: Conversation, 201: Conversation},
    "POST /v1/conversations/join": {200: Conversation},
    f"PUT {_ONE}": {204: None},
    f"POST {_ONE}/members": {204: None},
    f"PUT {_ONE}/members/{{user_id}}": {204: None},
    f"DELETE {_ONE}/members/{{user_id}}": {204: None},
    f"PUT {_ONE}/link": {200: JoinLink},
    f"DELETE {_ONE}/link": {204: None},
    f"PUT {_ONE}/request": {204: None},
    f"PUT {_ONE}/mute": {204: None},
    f"DELETE {_ONE}/mute": {204: None},
    f"POST {_ONE}/messages": {201: Message},
    f"PUT {_ONE}/messages/{{seq}}": {200: Message},
    f"DELETE {_ONE}/messages/{{seq}}": {204: None},
    f"PUT {_ONE}/messages/{{seq}}/reaction": {200: Message},
    f"DELETE {_ONE}/messages/{{seq}}/reaction": {204: None},
    f"PUT {_ONE}/read": {204: None},
    f"PUT {_ONE}/delivered": {204: None},
    "PUT /v1/chat/settings": {200: ChatSettings},
    "GET /v1/chat/settings": {200: ChatSettings},
    "GET /v1/conversations": {200: ConversationPage},
    "GET /v1/conversations/links/{token}": {200: LinkPreview},
    f"GET {_ONE}": {200: Conversation},
    f"GET {_ONE}/messages": {200: MessagePage},
    f"GET {_ONE}/changes": {200: ChangedMessages},
    f"GET {_ONE}/search": {200: FoundMessages},
    f"GET {_ONE}/link": {200: HeldLink},
}
