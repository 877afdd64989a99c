"""Notices and notifications: one event for one person, and how it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from ulid import ULID

from services.common.events import Moment
from services.common.ids import new_id
from services.common.lazy_dataclasses import dataclass

KEPT_DAYS = 90
#: Longer than an event can wait in a queue and its dead-letter queue (14 days each).
GONE_DAYS = 40
#: How many of a group's people are shown by name; the rest is a number.
ACTORS_KEPT = 3
#: How many of a group's facts are kept in it, so that it can shrink; the others are looked up.
FACTS_KEPT = 20


class NotificationType(StrEnum):
    """As in the API."""

    MENTION = "mention"
    REPLY = "reply"
    QUOTE = "quote"
    REPOST = "repost"
    LIKE = "like"
    REACTION = "reaction"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FOLLOW_ACCEPTED = "follow_accepted"
    MESSAGE = "message"
    MISSED_CALL = "missed_call"
    POLL_ENDED = "poll_ended"
    SCHEDULED_POST = "scheduled_post"
    MODERATION = "moderation"
    LIVE = "live"


@dataclass(frozen=True)
class NotificationSubject:
    """The subject of a notice; the client links to it."""

    post_id: str | None = None
    conversation_id: str | None = None
    call_id: str | None = None
    live_id: str | None = None


@dataclass(frozen=True)
class Notice:
    """One event to notify one person of.

    ``once`` names the fact: repeated notices of it count once (also when a person unlikes and likes again). Notices of
    one ``group`` that are new become one notification. ``about`` is the subject that must still exist: a post, a
    message (``subject_key``); ``seq`` is that of a message. ``actor`` is empty where no person did it. ``detail`` is
    for programs: a reaction's emoji, what moderators decided. ``followers_only``: the post is only for followers of the
    actor, so nobody else may hear of it. ``excerpt`` is the beginning of the post as it is now; it is shown, not kept.
    ``away``: the recipient is known not to have it on a screen, even if they seem connected.
    """

    recipient: str
    type: NotificationType
    actor: str
    at: str
    once: str
    group: str | None = None
    subject: NotificationSubject = NotificationSubject()
    preview: str | None = None
    detail: str | None = None
    followers_only: bool = False
    excerpt: str | None = None
    away: bool = False
    about: str | None = None
    seq: int = 0
    sequence: str = ""

    @property
    def moment(self) -> Moment:
        """When it happened, for comparison with other changes of the same item."""
        return Moment(self.at, self.sequence)

    @property
    def tag(self) -> str:
        """Pushes of one tag replace each other on a device."""
        return self.group or self.once


@dataclass(frozen=True)
class Fact:
    """One of the facts of a notification."""

    once: str
    actor: str
    at: str
    preview: str | None = None
    detail: str | None = None
    seq: int = 0


@dataclass(frozen=True)
class Notification:
    """The stored form: ``actors`` are the latest people of the group, the newest first; ``count`` is the number of
    facts.

    ``facts`` are the latest of them, the newest first. A notification that grows gets a new id; ``bundle`` is its first
    id. ``last_seq`` is that of its last message.
    """

    id: str
    recipient: str
    type: NotificationType
    at: str
    actors: tuple[str, ...]
    count: int
    subject: NotificationSubject
    preview: str | None
    detail: str | None = None
    read: bool = False
    facts: tuple[Fact, ...] = ()
    bundle: str = ""
    group: str | None = None
    last_seq: int = 0

    @property
    def tag(self) -> str:
        return self.group or (self.facts[0].once if self.facts else self.id)

    def with_facts(self, facts: Sequence[Fact], count: int) -> Notification:
        """The same notification for these facts: the newest gives time, text and the first name."""
        kept = tuple(sorted(facts, key=lambda fact: fact.at, reverse=True)[:FACTS_KEPT])
        if not kept:
            return replace(self, count=count)
        newest = kept[0]
        named = dict.fromkeys(fact.actor for fact in kept if fact.actor)
        # One that was kept before facts were has names only.
        older = [actor for actor in self.actors if not self.facts]
        actors = tuple(dict.fromkeys([*named, *older]))[:ACTORS_KEPT]
        # Facts that were kept before their ``seq`` was have none.
        last_seq = max(fact.seq for fact in kept) or self.last_seq
        return replace(
            self, facts=kept, count=count, actors=actors, at=newest.at, preview=newest.preview, detail=newest.detail,
            last_seq=last_seq,
        )  # fmt: skip

    def without(self, once: str) -> Notification | None:
        """The notification without one of its facts; ``None`` when it was the only one."""
        if self.count <= 1:
            return None
        return self.with_facts([fact for fact in self.facts if fact.once != once], self.count - 1)


@dataclass(frozen=True)
class Marks:
    """A person's state: all up to ``read_up_to`` is read; all up to ``seen_up_to`` was on a screen. ``unread`` is the
    number of those that are neither; ``revision`` counts the changes, so that of two numbers the later one is known."""

    unread: int = 0
    read_up_to: str = ""
    revision: int = 0
    seen_up_to: str = ""

    @property
    def counted_after(self) -> str:
        """The id up to which nothing counts as new."""
        return max(self.read_up_to, self.seen_up_to)

    def has_read(self, notification: Notification) -> bool:
        return notification.read or notification.id <= self.read_up_to

    def counts(self, notification: Notification) -> bool:
        """Whether it is one of ``unread``."""
        return not notification.read and notification.id > self.counted_after

    def after(self, unread: int) -> Marks:
        """The marks with another number, as the next revision."""
        return replace(self, unread=max(0, unread), revision=self.revision + 1)


def made_of(notice: Notice, notification_id: str, older: Notification | None) -> Notification:
    """A new notification, or ``older`` of the same group with this notice in it.

    Queues don't keep order: of the two, the later one gives time, text and the first name.
    """
    fact = Fact(notice.once, notice.actor, notice.at, notice.preview, notice.detail, notice.seq)
    seq = max(notice.seq, older.last_seq if older else 0)
    blank = Notification(
        notification_id, notice.recipient, notice.type, notice.at, older.actors if older else (), 0, notice.subject,
        None, facts=older.facts if older else (), bundle=older.bundle or older.id if older else notification_id,
        group=notice.group, last_seq=seq,
    )  # fmt: skip
    if older is None:
        return blank.with_facts([fact], 1)
    return blank.with_facts([fact, *older.facts], older.count + 1)


def subject_key(kind: str, subject_id: str) -> str:
    """The key of a fact's subject: ``post#<id>``, ``message#<id>``."""
    return f"{kind}#{subject_id}"


def id_after(read_up_to: str) -> str:
    """A new id, greater than the read mark even if the clocks of two machines differ."""
    made = new_id()
    return made if made > read_up_to else str(ULID.from_int(int(ULID.from_str(read_up_to)) + 1))
