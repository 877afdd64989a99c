"""Names of people, for contexts that only have their ids: a read-only view of the profiles table.

The attributes ``handle``, ``displayName``, ``avatarUrl`` and ``locale`` of ``USER#<id>`` / ``PROFILE``, ``userId`` of
``HANDLE#<handle>`` and the edges ``USER#<id>`` / ``FOLLOW#<other>`` as ``common/relations.py`` reads them are the
profiles context's public attributes; nothing else of its table is read here, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from services.common.dynamo import Item, Repository, batch_get
from services.common.lazy_dataclasses import dataclass
from services.common.relations import Relation, relation_of
from services.common.resources import Author


@dataclass(frozen=True)
class Person:
    """``locale`` is a BCP 47 tag."""

    id: str
    handle: str
    display_name: str
    avatar_url: str | None = None
    locale: str = "en"

    def author(self) -> Author:
        """The API's ``Author``."""
        return {
            "id": self.id, "handle": self.handle, "displayName": self.display_name, "avatarUrl": self.avatar_url,
        }  # fmt: skip


class People(Protocol):
    """Looks people up."""

    def find(self, user_ids: Iterable[str]) -> dict[str, Person]:
        """People with a profile, by id."""

    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]:
        """People of ``others`` with a block in either direction."""

    def meet(self, user_id: str, other_id: str) -> tuple[dict[str, Person], bool]:
        """Those of the two who have a profile, and whether one of them blocks the other, in one read."""

    def ids_of_handles(self, handles: Iterable[str]) -> dict[str, str]:
        """Handle → user id, for those lower-case handles that someone has now."""


class SocialGraph(Protocol):
    """Reads follows and blocks."""

    def relations(self, viewers: Iterable[str], author: str) -> dict[str, Relation]:
        """The relation of each of ``viewers`` to ``author``, as it is now."""

    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]: ...


class Directory(Repository):
    """``People`` and ``SocialGraph`` from the profiles table."""

    def find(self, user_ids: Iterable[str]) -> dict[str, Person]:
        found = batch_get({self.name: [(f"USER#{one}", "PROFILE") for one in user_ids]})
        return {person.id: person for person in map(_person, found.values())}

    def meet(self, user_id: str, other_id: str) -> tuple[dict[str, Person], bool]:
        profiles = [(f"USER#{one}", "PROFILE") for one in (user_id, other_id)]
        edge = (f"USER#{user_id}", f"FOLLOW#{other_id}")
        found = batch_get({self.name: [*profiles, edge]})
        people = [_person(found[self.name, *key]) for key in profiles if (self.name, *key) in found]
        return {person.id: person for person in people}, relation_of(found.get((self.name, *edge))).blocked

    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]:
        wanted = {(f"USER#{user_id}", f"FOLLOW#{one}"): one for one in others}
        found = batch_get({self.name: wanted}) if wanted else {}
        return {one for key, one in wanted.items() if relation_of(found.get((self.name, *key))).blocked}

    def ids_of_handles(self, handles: Iterable[str]) -> dict[str, str]:
        found = batch_get({self.name: [(f"HANDLE#{one}", "HANDLE") for one in handles]})
        return {item["handle"]: item["userId"] for item in found.values()}

    def relations(self, viewers: Iterable[str], author: str) -> dict[str, Relation]:
        edges = {one: (f"USER#{one}", f"FOLLOW#{author}") for one in viewers}
        found = batch_get({self.name: edges.values()}, consistent=True)
        return {one: relation_of(found.get((self.name, *key))) for one, key in edges.items()}


def _person(item: Item) -> Person:
    return Person(
        id=item["pk"].removeprefix("USER#"),
        handle=item["handle"],
        display_name=item["displayName"],
        avatar_url=item.get("avatarUrl"),
        locale=item.get("locale", "en"),
    )


def author_of(people: dict[str, Person], user_id: str) -> Author:
    """The ``Author`` of a person, also of one without a profile."""
    return people.get(user_id, Person(user_id, "", "")).author()
