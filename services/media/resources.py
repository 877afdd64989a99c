"""What uploads answer with. ``MediaResource`` itself is shared: ``common/resources.py``."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from services.common.resources import MediaResource


class UploadResource(TypedDict):
    """An S3 POST policy: send ``fields`` and then the file as multipart form to ``url``."""

    url: str
    fields: dict[str, str]
    expiresAt: str


class UploadPart(TypedDict):
    """PUT exactly ``bytes`` bytes to ``url``; it is ``null`` once the part has arrived."""

    number: int
    bytes: int
    done: bool
    url: str | None


class UploadParts(TypedDict):
    """After ``expiresAt`` ask for new links; what has arrived stays for a day."""

    partBytes: int
    parts: list[UploadPart]
    expiresAt: str


class UploadPermit(TypedDict):
    """``upload``, or ``parts`` when a resumable one was asked for."""

    media: MediaResource
    upload: NotRequired[UploadResource]
    parts: NotRequired[UploadParts]


class MediaUpdatedEvent(TypedDict):
    """An upload was processed; ``media`` is the resource of ``GET /v1/media/{id}``."""

    media: MediaResource
