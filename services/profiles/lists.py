"""Lists of people, each with a timeline of their posts. Only its owner sees a list and its members."""

from __future__ import annotations

from services.common.errors import NotFound
from services.common.lazy_dataclasses import dataclass

#: Lists of one person; people on one list.
MOST_LISTS, MOST_MEMBERS = 50, 500
NAME_LIMIT = 50


@dataclass(frozen=True)
class PeopleList:
    """``id`` is a ULID of the client's making; ``members`` is exact: it changes with the members."""

    id: str
    name: str
    created_at: str
    members: int = 0


def no_list() -> NotFound:
    return NotFound("List not found.")
