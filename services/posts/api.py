"""HTTP commands of the posts context: ``/v1/posts``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from services.common.http import Body, CurrentViewer
from services.posts.commands import Draft, PostCommands
from services.posts.model import MEDIA_LIMIT, TEXT_LIMIT, WARNING_LIMIT, Counts, Mine, Visibility, to_json
from services.posts.replying import ReplyPolicy

ULID = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
PostId = Annotated[str, Path(pattern=ULID, description="A ULID.")]


class PublishPost(Body):
    """``text`` counts in grapheme clusters (at most 500); it may be empty where there are media."""

    client_post_id: str = Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")
    text: str = Field(default="", max_length=TEXT_LIMIT * 32)
    media_ids: list[Annotated[str, Field(pattern=ULID)]] = Field(default=[], max_length=MEDIA_LIMIT)
    visibility: Visibility = Visibility.PUBLIC
    reply_to: Annotated[str, Field(pattern=ULID)] | None = None
    lang: str | None = Field(default=None, max_length=16)
    content_warning: str | None = Field(default=None, max_length=WARNING_LIMIT * 32)
    quote_of: Annotated[str, Field(pattern=ULID)] | None = None
    reply_policy: ReplyPolicy | None = None

    def draft(self) -> Draft:
        """As the commands take it."""
        return Draft(
            client_post_id=self.client_post_id,
            text=self.text,
            media_ids=self.media_ids,
            visibility=self.visibility,
            reply_to=self.reply_to,
            lang=self.lang,
            content_warning=self.content_warning,
            quote_of=self.quote_of,
            reply_policy=self.reply_policy,
        )


def build_router(commands: PostCommands) -> APIRouter:
    """The routes of the post function that deal with posts."""
    router = APIRouter(prefix="/v1/posts", tags=["posts"])

    @router.post("", status_code=201, summary="Publish a post")
    async def publish(body: PublishPost, viewer: CurrentViewer) -> Response:
        post, author = commands.publish(viewer.user_id, body.draft())
        return JSONResponse(to_json(post, author, Counts(), Mine()), status_code=201)

    @router.delete("/{post_id}", status_code=204, summary="Delete one's own post")
    async def delete(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.delete(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.put("/{post_id}/like", status_code=204, summary="Like a post")
    async def like(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.like(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.delete("/{post_id}/like", status_code=204, summary="Like a post no more")
    async def unlike(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.unlike(viewer.user_id, post_id)
        return Response(status_code=204)

    return router
