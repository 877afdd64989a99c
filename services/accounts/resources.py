"""What accounts answers with."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from services.accounts.model import Export, ExportState


class ExportResource(TypedDict):
    """``url`` works for ten minutes; each answer has a new one."""

    id: str
    state: ExportState
    requestedAt: str
    readyAt: str | None
    expiresAt: str | None
    bytes: int
    url: str | None


class Deletion(TypedDict):
    state: Literal["deleting"]


def to_resource(export: Export, url: str | None = None) -> ExportResource:
    """``url`` where there is a file."""
    return {
        "id": export.id,
        "state": export.state,
        "requestedAt": export.requested_at,
        "readyAt": export.ready_at,
        "expiresAt": export.expires_at,
        "bytes": export.bytes,
        "url": url,
    }
