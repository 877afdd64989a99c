"""A notifier that records its frames and pushes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.common.clock import from_text, to_text
from services.common.events import (
    ChatMessageSent,
    DomainEvent,
    NotificationCorrected,
)
from services.common.relations import Relation
from services.notifications.filtering import MuteRules, NotificationFilter, Pair
from services.notifications.preferences import Preferences
from services.notifications.repository import NotificationRepository
from tests.support.lambdas import new_user
from tests.support.notifier import TABLE, notifier

START = from_text("2026-01-01T00:00:00.000Z")


class Friends:
    """A graph in which everybody follows everybody, with no preferences set."""

    def standings(self, pairs: Collection[Pair]) -> tuple[Mapping[Pair, Relation], Mapping[str, MuteRules]]:
        return {pair: Relation(follows=True) for pair in pairs}, {}

    def of(self, user_ids: Collection[str]) -> Mapping[str, Preferences]:
        return {}


@dataclass(frozen=True)
class Excerpt:
    """The current state of a post; ``mentioned``: the people whom it mentions, by default everybody in question."""

    mentioned: tuple[str, ...] | None = None
    only_mentioned: bool = False
    line = text = "text"
    thread_id = "root"

    def mentions(self, user_id: str) -> bool:
        return self.mentioned is None or user_id in self.mentioned

    def visible_to(self, viewer_id: str, relation: Relation) -> bool:
        return not self.only_mentioned or self.mentions(viewer_id)


@dataclass
class Network:
    """Sends events to a notifier, and records its frames and pushes."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    corrected: list[NotificationCorrected] = field(default_factory=list)
    _clock: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.now: dict[str, Excerpt] = {}
        posts = NotificationFilter(Friends(), Friends(), lambda ids: {one: self.now.get(one, Excerpt()) for one in ids})
        self.notifier = notifier(posts, self._tell, publish=self._publish)
        self.kept = NotificationRepository(TABLE)
        # All tests share the table: erased people and posts stay erased in it.
        self.name = new_user()[:8]

    def own(self, name: str, value: Any) -> Any:
        """Makes ids of posts, messages and conversations unique to this network."""
        return f"{self.name}-{value}" if name in ("post_id", "message_id", "conversation_id") else value

    def _tell(self, outgoing: Sequence[Any]) -> None:
        self.frames += [dict(one.frame) for one in outgoing]

    def _publish(self, events: Sequence[DomainEvent]) -> None:
        self.corrected += [one for one in events if isinstance(one, NotificationCorrected)]

    def make(self, kind: Callable[..., DomainEvent], actor: str, **fields: Any) -> DomainEvent:
        number = next(self._clock)
        at = to_text(START.fromtimestamp(START.timestamp() + number, START.tzinfo))
        named = {name: self.own(name, value) for name, value in fields.items()}
        return kind(cause=f"{actor}-{number}", actor=actor, at=at, **named)

    def tell(self, kind: Callable[..., DomainEvent], actor: str, **fields: Any) -> DomainEvent:
        event = self.make(kind, actor, **fields)
        self.notifier.handle(event)
        return event

    def edge(self, kind: Callable[..., DomainEvent], actor: str, author: str, post: str, **fields: Any) -> None:
        self.tell(kind, actor, post_id=post, author_id=author, user_id=actor, **fields)

    def message(self, sender: str, to: str, conversation: str, seq: int, text: str = "hi") -> str:
        message_id = f"{conversation}-{seq}"
        self.tell(
            ChatMessageSent, sender, conversation_id=conversation, conversation_kind="direct", message_id=message_id,
            seq=seq, sender_id=sender, recipient_ids=(to,), preview=text,
        )  # fmt: skip
        return message_id

    def shown(self, user: str) -> list[tuple[str, int, tuple[str, ...], str | None]]:
        return [(str(one.type), one.count, one.actors, one.preview) for one in self.kept.page(user, None, 50)]

    def unread(self, user: str) -> int:
        return self.kept.marks(user).unread


def people(count: int) -> list[str]:
    return [new_user() for _ in range(count)]
