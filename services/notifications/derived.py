"""Compares notifications and unread numbers with people's actions, person by person.

Each fact has its own name (``like#<post>#<who>``), so an action without a notification is found by its fact, and a
repeated notification reaches nobody twice. The newest 400 actions of each kind and person are compared: posts
(mentions, replies, quotes), likes, reposts, reactions, follows. Messages and calls are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Protocol

from services.common.clock import now, to_text
from services.common.cursors import Cursor
from services.common.derived import Compared
from services.common.dynamo import batch_get
from services.common.events import DomainEvent
from services.common.lazy_dataclasses import dataclass
from services.notifications.corrections_repository import CorrectionRepository
from services.notifications.filtering import NotificationFilter
from services.notifications.items import FACTS, PREFIX, user_key
from services.notifications.model import KEPT_DAYS, Notice, Notification, NotificationType
from services.notifications.preferences import Channel
from services.notifications.repository import NotificationRepository
from services.notifications.rules import notices_of

_PAGE = 100
_SHOWN = 3


class Deeds(Protocol):
    """A person's actions that may notify others; each event's ``at`` is the time of the action."""

    def __call__(self, person: str) -> Iterable[DomainEvent]: ...


@dataclass(frozen=True)
class NotificationComparison:
    """``people``: in the order of their ids."""

    notifications: NotificationRepository
    corrections: CorrectionRepository
    filter: NotificationFilter
    deeds: Deeds
    people: Iterable[str]

    def __call__(self, after: str | None) -> Iterator[Compared]:
        for person in self.people:
            if after is None or person > after:
                yield self._compared(person)

    def _compared(self, person: str) -> Compared:
        untold, nowhere = self._untold(person), list(self._leading_nowhere(person))
        before, right = self.notifications.recounted(person, dry=True)

        def mend() -> None:
            for notice in untold:
                self.notifications.add(notice)
            for one in nowhere:
                self.corrections.remove(one)
            self.notifications.recounted(person, dry=False)

        differences = [f"did not tell {one.recipient}: {one.once}" for one in untold[:_SHOWN]]
        if len(untold) > _SHOWN:
            differences.append(f"and {len(untold) - _SHOWN} more that nobody was told")
        differences += [f"{one.type} about {one.subject.post_id}, which is gone" for one in nowhere]
        if before != right:
            differences.append(f"unread: {before}, expected {right}")
        return Compared(person, tuple(differences), mend)

    def _untold(self, person: str) -> list[Notice]:
        """Notices about the person's actions that lack a fact and that the recipients' settings allow."""
        oldest = to_text(now() - timedelta(days=KEPT_DAYS - 1))
        notices = {
            (user_key(one.recipient), f"{FACTS}{one.once}"): one
            for event in self.deeds(person)
            for one in notices_of(event)
            if one.at > oldest
        }
        told = batch_get({self.notifications.name: list(notices)}, consistent=True) if notices else {}
        known = {(pk, sk) for _, pk, sk in told}
        return self.filter.passing([one for key, one in notices.items() if key not in known], Channel.IN_APP)

    def _leading_nowhere(self, person: str) -> Iterator[Notification]:
        cursor: Cursor | None = None
        while True:
            rows = self.notifications.page(person, cursor, _PAGE)
            page = rows[:_PAGE]
            about = {one.subject.post_id for one in page if one.subject.post_id}
            posts = self.filter.posts(about) if about else {}
            yield from (
                one
                for one in page
                if one.subject.post_id in about - set(posts) and one.type is not NotificationType.MODERATION
            )
            if len(rows) <= _PAGE:
                return
            cursor = Cursor("notifications", "older", f"{PREFIX}{page[-1].id}")
