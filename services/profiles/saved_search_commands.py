"""Commands on saved searches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.common.clock import now_text
from services.common.errors import BadRequest, FieldError
from services.common.text import clean
from services.profiles.saved_searches import NAME_LIMIT, SavedSearch


class SavedSearchStore(Protocol):
    """The repository, for the commands."""

    def save(self, owner: str, search: SavedSearch) -> bool: ...
    def delete(self, owner: str, search_id: str) -> None: ...


class SavedSearchCommands:
    """``save`` and ``delete``; both are idempotent.

    Args:
        check_query: raises ``BadRequest`` for an invalid query.
    """

    def __init__(self, searches: SavedSearchStore, check_query: Callable[[str], object]) -> None:
        self._searches = searches
        self._check_query = check_query

    def save(self, owner: str, search_id: str, name: str, query: str) -> tuple[SavedSearch, bool]:
        """Save a search, or change the one with this id; the flag says that it is new.

        Raises:
            BadRequest: the name is empty or too long, or search can't read the query (field ``query``).
            Unprocessable: there are ``MOST`` others.
        """
        named = " ".join(clean("name", name, limit=NAME_LIMIT, least=1).split())
        try:
            self._check_query(query)
        except BadRequest as error:
            faults = [FieldError("query", one.expected, one.got) for one in error.errors]
            raise BadRequest(error.detail, *faults) from error
        search = SavedSearch(search_id, named, query.strip(), now_text())
        return search, self._searches.save(owner, search)

    def delete(self, owner: str, search_id: str) -> None:
        """Without effect when there is none of that id."""
        self._searches.delete(owner, search_id)
