"""HTTP commands of the media context: ``/v1/media``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN
from services.common.resources import MediaResource
from services.common.responses import JSONResponse
from services.common.signed_urls import granted_media
from services.media.commands import MediaCommands
from services.media.model import Kind, Media
from services.media.resources import UploadParts, UploadPermit, to_resource
from services.media.uploads import Uploads, parts_resource, upload_resource

MediaId = Annotated[str, Path(pattern=ULID_PATTERN, description="A ULID.")]
_ALT_TEXT = Field(default="", max_length=50_000)


class BeginUpload(Body):
    """``bytes`` is the file's size; S3 enforces the limit of the kind. With ``resumable`` the response has ``parts``
    instead of ``upload``: PUT each to its link, then complete."""

    kind: Kind
    content_type: str = Field(min_length=3, max_length=128)
    bytes: int
    alt_text: str = _ALT_TEXT
    resumable: bool = False


class DescribeMedia(Body):
    alt_text: str = Field(max_length=50_000)


def build_router(commands: MediaCommands, uploads: Uploads) -> Router:
    """The routes of the post function that deal with media."""
    router = Router(prefix="/v1/media", tags=["media"])

    @router.post("", status_code=201, summary="Get permission to upload a file", response_model=UploadPermit)
    async def begin(body: BeginUpload, viewer: CurrentViewer) -> Response:
        asked = (viewer.user_id, body.kind, body.content_type, body.bytes, body.alt_text)
        if body.resumable:
            media, parts = commands.begin_parts(*asked)
            return JSONResponse({"media": _shown(media), "parts": parts_resource(parts)}, status_code=201)
        media, upload = commands.begin(*asked)
        return JSONResponse({"media": _shown(media), "upload": upload_resource(upload)}, status_code=201)

    @router.post("/{media_id}/parts", summary="Continue a multipart upload", response_model=UploadParts)
    async def parts(media_id: MediaId, viewer: CurrentViewer) -> Response:
        return JSONResponse(parts_resource(uploads.parts(viewer.user_id, media_id)))

    @router.post("/{media_id}/complete", summary="Complete a multipart upload", response_model=MediaResource)
    async def complete(media_id: MediaId, viewer: CurrentViewer) -> Response:
        return JSONResponse(_shown(uploads.complete(viewer.user_id, media_id)))

    @router.patch("/{media_id}", summary="Set the alternative text of a media item", response_model=MediaResource)
    async def describe(media_id: MediaId, body: DescribeMedia, viewer: CurrentViewer) -> Response:
        return JSONResponse(_shown(commands.describe(viewer.user_id, media_id, body.alt_text)))

    @router.delete("/{media_id}", status_code=204, summary="Cancel an upload, or delete an unused media item")
    async def discard(media_id: MediaId, viewer: CurrentViewer) -> Response:
        uploads.discard(viewer.user_id, media_id)
        return Response(status_code=204)

    return router


def _shown(media: Media) -> MediaResource:
    """To its owner."""
    return granted_media(to_resource(media))
