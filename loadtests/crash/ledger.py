"""The acknowledged operations of one world of people: the checker's only memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """An operation that is acknowledged, or an effect that it must have."""

    POST = "post"
    TIMELINE = "post → timeline"
    SEARCH = "post → search"
    MENTION = "mention → notification"
    LIKE = "like"
    LIKED = "like → notification"
    MESSAGE = "message"
    TOLD = "message → notification"
    UNREAD = "unread number"
    UPLOAD = "upload → ready"
    SIGN_UP = "sign-up"
    MAIL = "sign-up → code"


class Verdict(StrEnum):
    """``LOST``: it does not exist. ``DOUBLED``: it exists more than once. ``STUCK``: in progress, without end."""

    LOST = "lost"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    STUCK = "stuck"


@dataclass(frozen=True)
class Finding:
    """One operation or effect that differs from its acknowledgement; ``what`` describes it for the reader."""

    kind: Kind
    verdict: Verdict
    what: str
    count: int = 1


@dataclass(frozen=True)
class Posted:
    id: str
    author: str
    #: A word of its own, by which a second copy of the post is recognised.
    word: str
    mentions: str | None = None


@dataclass(frozen=True)
class Said:
    conversation: str
    sender: str
    receiver: str
    client_id: str
    seq: int


@dataclass
class Ledger:
    """Appended to by many threads. Each list is in the order of the acknowledgements."""

    posts: list[Posted] = field(default_factory=list)
    #: (who likes, post)
    likes: set[tuple[str, str]] = field(default_factory=set)
    messages: list[Said] = field(default_factory=list)
    uploads: dict[str, str] = field(default_factory=dict)
    sign_ups: list[str] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    #: Sent, and never answered well: each may be there or not. Effects of them are no fault.
    unsure: Counter[Kind] = field(default_factory=Counter)
    #: Liked posts of which one like more may have been counted.
    unsure_likes: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self) -> Counter[Kind]:
        """How many of each kind there must be, effects included."""
        return Counter(
            {
                Kind.POST: len(self.posts),
                Kind.MENTION: sum(one.mentions is not None for one in self.posts),
                Kind.LIKE: len(self.likes),
                Kind.LIKED: len(self.likes),
                Kind.MESSAGE: len(self.messages),
                Kind.TOLD: len(self.messages),
                Kind.UPLOAD: len(self.uploads),
                Kind.SIGN_UP: len(self.sign_ups),
                Kind.MAIL: len(self.sign_ups),
            }
        )


def totals(findings: Iterable[Finding]) -> dict[Kind, Counter[Verdict]]:
    """Findings by kind and verdict."""
    found: dict[Kind, Counter[Verdict]] = {}
    for one in findings:
        found.setdefault(one.kind, Counter())[one.verdict] += one.count
    return found
