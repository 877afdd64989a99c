"""A person's saved searches: a name and a query, visible only to their owner."""

from __future__ import annotations

from services.common.lazy_dataclasses import dataclass

#: Of one person.
MOST = 50
NAME_LIMIT = 50


@dataclass(frozen=True)
class SavedSearch:
    """``id`` is a ULID of the client's making: newest first is by id, and saving again changes the same one."""

    id: str
    name: str
    query: str
    saved_at: str
