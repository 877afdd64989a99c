"""A fake directory in which everybody has a profile, with exceptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.common.people import Person
from services.common.relations import Relation


@dataclass
class FakePeople:
    """``People`` and ``SocialGraph``. ``locales``: user id → locale, default English; ``known``: handle → user id."""

    unknown: set[str] = field(default_factory=set)
    locales: dict[str, str] = field(default_factory=dict)
    #: Pairs of people of whom one blocks the other.
    blocks: set[frozenset[str]] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)
    #: ``(follower, followee)`` pairs without a follow; all others follow
    strangers: set[tuple[str, str]] = field(default_factory=set)
    #: ``(caller, callee)`` pairs in which the callee's settings refuse calls from the caller
    kept_away: set[tuple[str, str]] = field(default_factory=set)

    def find(self, user_ids: Iterable[str]) -> dict[str, Person]:
        return {
            one: Person(one, f"h{one[:8]}", f"Person {one[:4]}", None, self.locales.get(one, "en"))
            for one in user_ids
            if one not in self.unknown
        }

    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]:
        return {one for one in others if frozenset((user_id, one)) in self.blocks}

    def meet(self, user_id: str, other_id: str) -> tuple[dict[str, Person], bool]:
        return self.find([user_id, other_id]), bool(self.blocked_between(user_id, [other_id]))

    def may_reach(self, user_id: str, other_id: str) -> bool:
        """``Reachability`` of calls."""
        return (user_id, other_id) not in self.kept_away

    def ids_of_handles(self, handles: Iterable[str]) -> dict[str, str]:
        return {handle: self.known[handle] for handle in handles if handle in self.known}

    def relations(self, viewers: Iterable[str], author: str) -> dict[str, Relation]:
        return {
            one: Relation((one, author) not in self.strangers, frozenset((one, author)) in self.blocks)
            for one in viewers
        }
