"""Conversations, messages and read states, and the rules on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ulid import ULID

from services.common.errors import BadRequest, FieldError, NotFound, Unprocessable
from services.common.ids import derived_id, is_id, is_user_id
from services.common.people import Person, author_of
from services.common.text import clean

TEXT_LIMIT = 2000
#: A grapheme cluster may be many bytes; a message with its frame stays well below the 32 KB of the transport.
TEXT_BYTES_LIMIT = 16 * 1024
PREVIEW_LIMIT = 120
CLIENT_ID_LIMIT = 64

Kind = Literal["direct"]


@dataclass(frozen=True)
class Message:
    """``seq`` counts from 1 without gaps within its conversation; ``at`` is RFC 3339."""

    id: str
    conversation_id: str
    seq: int
    sender_id: str
    client_message_id: str
    text: str
    at: str

    def to_wire(self) -> dict[str, Any]:
        """The API's ``Message``."""
        return {
            "id": self.id,
            "conversationId": self.conversation_id,
            "seq": self.seq,
            "senderId": self.sender_id,
            "clientMessageId": self.client_message_id,
            "text": self.text,
            "at": self.at,
        }


@dataclass(frozen=True)
class Conversation:
    """The head: who is in it, how many messages there are, and the newest of them."""

    id: str
    kind: Kind
    member_ids: tuple[str, ...]
    seq: int
    last_message: Message | None
    created_at: str
    updated_at: str

    def others(self, user_id: str) -> list[str]:
        """The members but for ``user_id``."""
        return [member for member in self.member_ids if member != user_id]

    def require_member(self, user_id: str) -> None:
        """Raises ``NotFound``: who is no member learns nothing, not even that the conversation exists."""
        if user_id not in self.member_ids:
            raise no_conversation(self.id)


@dataclass(frozen=True)
class Membership:
    """What one member has read: messages up to ``last_read_seq``."""

    conversation_id: str
    user_id: str
    last_read_seq: int


@dataclass(frozen=True)
class ConversationView:
    """A conversation as one member sees it."""

    conversation: Conversation
    last_read_seq: int

    @property
    def unread(self) -> int:
        return max(0, self.conversation.seq - self.last_read_seq)

    def to_wire(self, people: dict[str, Person]) -> dict[str, Any]:
        """The API's ``Conversation``."""
        head = self.conversation
        return {
            "id": head.id,
            "kind": head.kind,
            "members": [author_of(people, member) for member in head.member_ids],
            "lastMessage": head.last_message.to_wire() if head.last_message else None,
            "unread": self.unread,
            "lastReadSeq": self.last_read_seq,
            "updatedAt": head.updated_at,
        }


def no_conversation(conversation_id: str) -> NotFound:
    return NotFound(f"There is no conversation {conversation_id[:64]!r} of yours.")


def direct_id(one: str, other: str) -> str:
    """The id of the conversation of two people: always the same, whoever begins, in the form of a ULID."""
    return str(ULID.from_hex(derived_id("conversation", *sorted((one, other))).replace("-", "")))


def check_partner(user_id: str, member_id: str) -> None:
    """Raises ``BadRequest`` for what is no user id, ``Unprocessable`` for oneself."""
    if not is_user_id(member_id):
        raise BadRequest("Nobody can have this id.", FieldError("memberId", "a user id (UUID)", repr(member_id)[:64]))
    if member_id == user_id:
        raise Unprocessable("A conversation is with somebody else.")


def check_conversation_id(value: str) -> None:
    """Raises ``NotFound`` for what can't be the id of a conversation, so that it never reaches the table."""
    if not is_id(value):
        raise no_conversation(value)


def check_text(text: str) -> str:
    """The text as it is kept.

    Raises:
        BadRequest: empty, above 2000 characters as people count them, above 16 KB, or with control characters.
    """
    result = clean("text", text, limit=TEXT_LIMIT, least=1)
    size = len(result.encode())
    if size > TEXT_BYTES_LIMIT:
        fault = FieldError("text", f"at most {TEXT_BYTES_LIMIT} bytes of UTF-8", f"{size} bytes")
        raise BadRequest("The text is too long.", fault)
    return result


def preview_of(text: str) -> str:
    """The beginning of a text on one line, for notifications."""
    line = " ".join(text.split())
    return line if len(line) <= PREVIEW_LIMIT else line[: PREVIEW_LIMIT - 1] + "…"
