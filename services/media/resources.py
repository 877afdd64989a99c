"""What uploads answer with. ``MediaResource`` itself is shared: ``common/resources.py``."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from services.common.resources import MediaResource, MediaVariant
from services.media.model import Media, State, served_folder


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
    """After ``expiresAt`` request new links; parts that have arrived stay for a day."""

    partBytes: int
    parts: list[UploadPart]
    expiresAt: str


class UploadPermit(TypedDict):
    """``upload``, or ``parts`` for a resumable upload."""

    media: MediaResource
    upload: NotRequired[UploadResource]
    parts: NotRequired[UploadParts]


class MediaUpdatedEvent(TypedDict):
    """An upload was processed; ``media`` is the resource of ``GET /v1/media/{id}``."""

    media: MediaResource


def to_resource(media: Media) -> MediaResource:
    """URLs only when it is ready, and not signed yet (``common.signed_urls``)."""
    ready = media.state is State.READY
    # The key is the path that browsers ask for.
    folder = "/" + served_folder(media.id).rstrip("/")
    resource: MediaResource = {
        "id": media.id,
        "kind": media.kind.value,
        "state": media.state.value,
        "contentType": media.content_type,
        "bytes": media.bytes,
        "altText": media.alt_text,
        "url": f"{folder}/original.{media.extension}" if ready else None,
        "thumbnailUrl": f"{folder}/thumb.webp" if ready and media.has_thumbnail else None,
        "variants": [_variant(folder, name) for name in media.variants] if ready else [],
    }
    if media.width is not None:
        resource["width"] = media.width
    if media.height is not None:
        resource["height"] = media.height
    if media.duration_ms is not None:
        resource["durationMs"] = media.duration_ms
    if media.placeholder is not None:
        resource["placeholder"] = media.placeholder
    if media.peaks:
        resource["peaks"] = list(media.peaks)
    if media.reason is not None:
        resource["reason"] = media.reason
    return resource


def _variant(folder: str, name: str) -> MediaVariant:
    width, _, extension = name.removeprefix("w").partition(".")
    return {"url": f"{folder}/{name}", "width": int(width), "contentType": f"image/{extension}"}
