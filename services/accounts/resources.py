"""What accounts answers with."""

from __future__ import annotations

from typing import Literal, Protocol

from typing_extensions import TypedDict

from services.accounts.model import Export, ExportState


class ExportResource(TypedDict):
    """``url`` works for ten minutes, for requests that send ``headers``; each response has new ones."""

    id: str
    state: ExportState
    requestedAt: str
    readyAt: str | None
    expiresAt: str | None
    bytes: int
    url: str | None
    headers: dict[str, str] | None


class Deletion(TypedDict):
    state: Literal["deleting"]


class SigningOut(TypedDict):
    state: Literal["signing-out"]


class LinkToFile(Protocol):
    """A link, with the headers that it asks for."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> dict[str, str]: ...


def to_resource(export: Export, link: LinkToFile | None = None) -> ExportResource:
    """``link`` where there is a file."""
    return {
        "id": export.id,
        "state": export.state,
        "requestedAt": export.requested_at,
        "readyAt": export.ready_at,
        "expiresAt": export.expires_at,
        "bytes": export.bytes,
        "url": link.url if link else None,
        "headers": link.headers if link else None,
    }
