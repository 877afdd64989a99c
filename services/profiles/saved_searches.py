"""Searches that a person keeps: a name and a query, seen by their owner only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

    def to_json(self) -> dict[str, Any]:
        """The SavedSearch resource of API v1."""
        return {"id": self.id, "name": self.name, "query": self.query, "savedAt": self.saved_at}
