"""Conversations, messages and memberships, and the rules on them. Roles and groups: ``groups.py``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from ulid import ULID

from services.common.clock import from_text, now, now_text, to_text
from services.common.errors import BadRequest, FieldError, NotFound, Unprocessable
from services.common.ids import derived_id, is_id, is_user_id
from services.common.lazy_dataclasses import dataclass

Kind = Literal["direct", "group"]
Role = Literal["owner", "admin", "member"]
#: ``request``: somebody they don't follow wrote or invited, and they have yet to accept; ``declined``: they did not.
State = Literal["active", "request", "declined"]
#: Muted without end.
FOR_EVER = "9999-12-31T00:00:00.000Z"
#: Conversations with more people have no receipts: each mark would go to everyone.
RECEIPTS_LIMIT = 32
#: Deleted messages that a conversation's head knows of.
DELETED_KEPT = 200
#: How many messages a person may send before the other has accepted.
REQUEST_MESSAGES = 10


@dataclass(frozen=True)
class Message:
    """One line of the log.

    ``seq`` counts from 1 without gaps within its conversation; ``at`` is RFC 3339. ``rev`` is the conversation's count
    of changes when this message last changed: of two states of a message, the one with the greater ``rev`` holds.
    """

    id: str
    conversation_id: str
    seq: int
    sender_id: str
    client_message_id: str
    text: str
    at: str
    media: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    reply_to: int | None = None
    #: handle → user id, of members only
    mentions: Mapping[str, str] = field(default_factory=dict, hash=False)
    links: tuple[str, ...] = ()
    #: The change that a system line describes: ``{type, userIds, title?, role?}``; the actor is the sender.
    system: Mapping[str, Any] | None = field(default=None, hash=False)
    #: user id → emoji
    reactions: Mapping[str, str] = field(default_factory=dict, hash=False)
    edited_at: str | None = None
    deleted: bool = False
    #: Deleted for the reader alone; never stored here.
    hidden: bool = False
    rev: int = 0

    def emptied(self, *, for_all: bool) -> Message:
        """A deleted message: its place in the log, without its content."""
        bare = replace(self, text="", media=(), reply_to=None, mentions={}, links=(), reactions={}, edited_at=None)
        return replace(bare, deleted=True) if for_all else replace(bare, hidden=True)


@dataclass(frozen=True)
class Conversation:
    """The head. ``seq`` counts messages, ``rev`` changes of messages; ``partners`` are the two of a direct one.

    ``pending_for`` has yet to accept that the other writes to them.
    """

    id: str
    kind: Kind
    seq: int
    last_message: Message | None
    created_at: str
    updated_at: str
    partners: tuple[str, ...] = ()
    rev: int = 0
    title: str | None = None
    avatar_url: str | None = None
    member_count: int = 2
    pending_for: str | None = None
    #: ``seq`` of the latest messages that were deleted for all, which count as unread for nobody.
    deleted_seqs: tuple[int, ...] = ()

    def other(self, user_id: str) -> str | None:
        """The partner in a conversation of two."""
        return next((one for one in self.partners if one != user_id), None)


@dataclass(frozen=True)
class Member:
    """One member as visible to the conversation, with the settings that route frames.

    ``since`` is the first ``seq`` that they may see.
    """

    role: Role
    since: int
    state: State
    joined_at: str
    muted_until: str | None = None

    def is_muted(self, moment: datetime) -> bool:
        return self.muted_until is not None and from_text(self.muted_until) > moment


@dataclass(frozen=True)
class MemberList:
    """The members of a conversation, by user id; ``version`` counts its changes."""

    conversation_id: str
    version: int
    members: Mapping[str, Member]

    def require(self, user_id: str) -> Member:
        """Raises ``NotFound``: a non-member learns nothing, not even that the conversation exists."""
        found = self.members.get(user_id)
        if found is None:
            raise no_conversation(self.conversation_id)
        return found

    def reached_by(self, seq: int) -> list[str]:
        """Members who see message ``seq``: they joined before it and did not decline."""
        return [user for user, one in self.members.items() if one.since <= seq and one.state != "declined"]

    def active(self) -> list[str]:
        return [user for user, one in self.members.items() if one.state == "active"]


@dataclass(frozen=True)
class Membership:
    """One member's own state: read and delivered marks, which only grow, mute, and whether they accepted."""

    conversation_id: str
    user_id: str
    last_read_seq: int
    delivered_seq: int = 0
    since: int = 1
    state: State = "active"
    muted_until: str | None = None


@dataclass(frozen=True)
class ConversationView:
    """A conversation as one member sees it. Without ``member_list`` it is a row of a list."""

    conversation: Conversation
    membership: Membership
    member_list: MemberList | None = None
    #: user id → (read, delivered), of those who show it to this member
    receipts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def unread(self) -> int:
        read = max(self.membership.last_read_seq, self.membership.since - 1)
        deleted = sum(1 for seq in self.conversation.deleted_seqs if seq > read)
        return max(0, self.conversation.seq - read - deleted)

    def people(self) -> set[str]:
        """Ids of the people whose names the view needs."""
        if self.member_list:
            return set(self.member_list.members)
        last = self.conversation.last_message
        told = [last.sender_id, *(last.system or {}).get("userIds", [])[:3]] if last else []
        return {*self.conversation.partners, *told, self.membership.user_id}

    def shown_last(self) -> Message | None:
        last = self.conversation.last_message
        return last if last and last.seq >= self.membership.since else None


@dataclass(frozen=True)
class Presence:
    """When people who show their presence were last present, by user id; ``rest`` are the conversations to ask for
    next."""

    last_seen: Mapping[str, str | None]
    rest: Sequence[str]


def no_conversation(conversation_id: str) -> NotFound:
    return NotFound(f"Conversation {conversation_id[:64]!r} not found.")


def no_message(seq: int) -> NotFound:
    return NotFound(f"Message {seq} not found.")


def direct_id(one: str, other: str) -> str:
    """The id of the conversation of two people: the same whichever of them begins, in the form of a ULID."""
    return _as_ulid(derived_id("conversation", *sorted((one, other))))


def group_id(creator: str, client_id: str) -> str:
    """The group's id, derived from the creator and the client's id, so that a retry makes no second group."""
    return _as_ulid(derived_id("group", creator, client_id))


def _as_ulid(uuid_text: str) -> str:
    return str(ULID.from_hex(uuid_text.replace("-", "")))


def check_partner(user_id: str, member_id: str) -> None:
    """Raises ``BadRequest`` for an invalid user id, ``Unprocessable`` for the caller's own."""
    check_user_ids("memberId", [member_id])
    if member_id == user_id:
        raise Unprocessable("You can't start a conversation with yourself.")


def check_user_ids(name: str, values: Iterable[str]) -> None:
    """Raises ``BadRequest`` for an invalid user id."""
    for value in values:
        if not is_user_id(value):
            raise BadRequest("This is not a user id.", FieldError(name, "a user id (UUID)", repr(value)[:64]))


def check_conversation_id(value: str) -> None:
    """Raises ``NotFound`` for an invalid conversation id, so that it never reaches the table."""
    if not is_id(value):
        raise no_conversation(value)


def muted_until(hours: int | None) -> str:
    """The end of a mute that begins now; without hours it has none."""
    return FOR_EVER if hours is None else to_text(now() + timedelta(hours=hours))


def later(at: str) -> str:
    """Now, but not before ``at``: clocks of machines differ, the log does not run backwards."""
    return max(now_text(), at)
