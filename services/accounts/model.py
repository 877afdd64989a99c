"""Exports and deletions: their states, and retention times."""

from __future__ import annotations

from enum import StrEnum

from services.common.lazy_dataclasses import dataclass

#: How long an export can be fetched, and how long one link to it works.
EXPORT_DAYS = 7
LINK_SECONDS = 600
#: Deleting an account wants a sign-in that is not older than this.
FRESH_SECONDS = 600
#: How long the door stays closed: longer than any token of the account lives.
CLOSED_SECONDS = 26 * 3600


class ExportState(StrEnum):
    """requested → ready | failed; a new request replaces an export that is not in progress."""

    REQUESTED = "requested"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Export:
    """``bytes`` of the file; times are RFC 3339."""

    id: str
    user_id: str
    state: ExportState
    requested_at: str
    ready_at: str | None = None
    expires_at: str | None = None
    bytes: int = 0

    @property
    def key(self) -> str:
        """The key of the object in the bucket of exports."""
        return f"{self.user_id}/{self.id}.zip"
