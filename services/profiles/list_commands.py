"""Commands on lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from services.common.errors import Forbidden, NotFound
from services.common.text import clean
from services.profiles.lists import NAME_LIMIT, PeopleList
from services.profiles.model import Profile


class ListStore(Protocol):
    """The repository, for the commands; ``NotFound`` when the list does not exist."""

    def save(self, owner: str, list_id: str, name: str) -> PeopleList: ...
    def delete(self, owner: str, list_id: str) -> None: ...
    def add(self, owner: str, list_id: str, user_id: str) -> None: ...
    def remove(self, owner: str, list_id: str, user_id: str) -> None: ...


class MemberLookup(Protocol):
    """Profiles and edges, for the commands."""

    def authors(self, user_ids: Iterable[str]) -> dict[str, Profile]: ...
    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]: ...


class ListCommands:
    """All are idempotent."""

    def __init__(self, lists: ListStore, people: MemberLookup) -> None:
        self._lists = lists
        self._people = people

    def save(self, owner: str, list_id: str, name: str) -> PeopleList:
        """Raises: BadRequest (the name), Unprocessable (as many as there may be)."""
        named = " ".join(clean("name", name, limit=NAME_LIMIT, least=1).split())
        return self._lists.save(owner, list_id, named)

    def delete(self, owner: str, list_id: str) -> None:
        """Without effect when there is none of that id."""
        self._lists.delete(owner, list_id)

    def add(self, owner: str, list_id: str, user_id: str) -> None:
        """Raises: NotFound (no such list or person), Forbidden (a block), Unprocessable (the list is full)."""
        if user_id not in self._people.authors([user_id]):
            raise NotFound("Person not found.")
        if user_id != owner and self._people.blocked_between(owner, [user_id]):
            raise Forbidden("You can't put this person on a list.")
        self._lists.add(owner, list_id, user_id)

    def remove(self, owner: str, list_id: str, user_id: str) -> None:
        """Without effect when they are not on it. Raises: NotFound (no such list)."""
        self._lists.remove(owner, list_id, user_id)
