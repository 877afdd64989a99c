"""Applies decisions to other contexts, by ports that the composition root fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from services.common.events import DomainEvent, ModerationDecided
from services.common.lazy_dataclasses import dataclass


class ModeratedPosts(Protocol):
    def moderate(self, post_id: str, reason: str | None, version: int) -> bool:
        """Hide a post for this reason, or show it again; ``False`` when a later decision was applied."""

    def withhold(self, author_id: str, withheld: bool, version: int, cursor: str | None) -> str | None:
        """Mark a page of a person's posts; the cursor of the next page, ``None`` after the last."""


class ModeratedPeople(Protocol):
    def moderate(self, user_id: str, reason: str | None, version: int) -> bool:
        """Mark a person as suspended for this reason, or no longer."""


class AccountAccess(Protocol):
    def close(self, user_id: str, reason: str, version: int) -> bool: ...
    def open(self, user_id: str, version: int) -> bool: ...


@dataclass(frozen=True)
class ModerationActions:
    """Each step is idempotent and may come in any order: all carry the decision's version.

    Args:
        go_on: sends ``(event, cursor)`` to the function itself: a person may have more posts than one invocation can
            mark.
    """

    posts: ModeratedPosts
    people: ModeratedPeople
    access: AccountAccess
    go_on: Callable[[ModerationDecided, str], None]

    def handle(self, event: DomainEvent, cursor: str | None = None) -> None:
        """One of ``HANDLERS``; with a cursor it is what ``go_on`` sent."""
        self.HANDLERS[type(event)](self, event, cursor)

    def _decided(self, event: ModerationDecided, cursor: str | None) -> None:
        match event.decision:
            case "hide":
                self.posts.moderate(event.subject_id, event.reason, event.subject_version)
            case "unhide":
                self.posts.moderate(event.subject_id, None, event.subject_version)
            case "suspend":
                self._stand(event, event.reason, cursor)
            case "unsuspend":
                self._stand(event, None, cursor)

    def _stand(self, event: ModerationDecided, reason: str | None, cursor: str | None) -> None:
        """Suspend the person first, so that no new posts come and the walk over the posts ends."""
        user_id, version = event.subject_id, event.subject_version
        if cursor is None:
            applied = self.access.close(user_id, reason, version) if reason else self.access.open(user_id, version)
            if not (self.people.moderate(user_id, reason, version) and applied):
                return
        following = self.posts.withhold(user_id, reason is not None, version, cursor)
        if following is not None:
            self.go_on(event, following)

    HANDLERS: ClassVar[dict[type[DomainEvent], Callable[[ModerationActions, Any, str | None], None]]] = {
        ModerationDecided: _decided
    }
