"""HTTP commands of the media context: ``/v1/media``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from services.common.http import Body, CurrentViewer
from services.common.settings import settings
from services.media.commands import MediaCommands
from services.media.model import Kind

MediaId = Annotated[str, Path(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$", description="A ULID.")]
_ALT_TEXT = Field(default="", max_length=50_000)


class BeginUpload(Body):
    """``bytes`` is what the file has; S3 enforces the limit of the kind."""

    kind: Kind
    content_type: str = Field(min_length=3, max_length=128)
    bytes: int
    alt_text: str = _ALT_TEXT


class DescribeMedia(Body):
    alt_text: str = Field(max_length=50_000)


def build_router(commands: MediaCommands) -> APIRouter:
    """The routes of the post function that deal with media."""
    router = APIRouter(prefix="/v1/media", tags=["media"])

    @router.post("", status_code=201, summary="Get a permit to upload a file")
    async def begin(body: BeginUpload, viewer: CurrentViewer) -> Response:
        media, upload = commands.begin(viewer.user_id, body.kind, body.content_type, body.bytes, body.alt_text)
        answer = {"media": media.to_json(settings().media_url_prefix), "upload": upload.to_json()}
        return JSONResponse(answer, status_code=201)

    @router.patch("/{media_id}", summary="Describe a medium for those who can't see or hear it")
    async def describe(media_id: MediaId, body: DescribeMedia, viewer: CurrentViewer) -> Response:
        media = commands.describe(viewer.user_id, media_id, body.alt_text)
        return JSONResponse(media.to_json(settings().media_url_prefix))

    return router
