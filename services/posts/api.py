"""HTTP commands of the posts context: ``/v1/posts``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.signed_urls import granted
from services.posts.commands import Draft, PostCommands
from services.posts.model import MEDIA_LIMIT, TEXT_LIMIT, WARNING_LIMIT, Counts, Mine, Visibility, to_json
from services.posts.polls import OPTION_LIMIT, PollDraft
from services.posts.reply_policy import ReplyPolicy

ULID = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
PostId = Annotated[str, Path(pattern=ULID, description="A ULID.")]


class NewPoll(Body):
    """2 to 4 different options of at most 50 grapheme clusters; 5 minutes to 7 days."""

    options: list[Annotated[str, Field(max_length=OPTION_LIMIT * 32)]] = Field(max_length=16)
    multiple: bool = False
    duration_seconds: int = Field(ge=0, le=2**31)


class PostContent(Body):
    """What a post is to hold; scheduled posts keep it. ``text`` counts in grapheme clusters (at most 500); it may be
    empty where there are media. ``sensitive`` blurs photos and videos until the reader opens them."""

    text: str = Field(default="", max_length=TEXT_LIMIT * 32)
    media_ids: list[Annotated[str, Field(pattern=ULID)]] = Field(default=[], max_length=MEDIA_LIMIT)
    visibility: Visibility = Visibility.PUBLIC
    reply_to: Annotated[str, Field(pattern=ULID)] | None = None
    lang: str | None = Field(default=None, max_length=16)
    poll: NewPoll | None = None
    content_warning: str | None = Field(default=None, max_length=WARNING_LIMIT * 32)
    sensitive: bool = False
    quote_of: Annotated[str, Field(pattern=ULID)] | None = None
    reply_policy: ReplyPolicy | None = None


class PublishPost(PostContent):
    """``clientPostId`` makes a retry harmless: one author's id makes one post."""

    client_post_id: str = Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")


def draft_of(client_post_id: str, body: PostContent) -> Draft:
    """What ``PostCommands`` takes."""
    poll = None
    if body.poll is not None:
        duration = timedelta(seconds=body.poll.duration_seconds)
        poll = PollDraft(body.poll.options, body.poll.multiple, duration)
    return Draft(
        client_post_id=client_post_id,
        text=body.text,
        media_ids=body.media_ids,
        visibility=body.visibility,
        reply_to=body.reply_to,
        lang=body.lang,
        poll=poll,
        content_warning=body.content_warning,
        sensitive=body.sensitive,
        quote_of=body.quote_of,
        reply_policy=body.reply_policy,
    )


def build_router(commands: PostCommands) -> Router:
    """The routes of the post function that deal with posts."""
    router = Router(prefix="/v1/posts", tags=["posts"])

    @router.post("", status_code=201, summary="Publish a post")
    async def publish(body: PublishPost, viewer: CurrentViewer) -> Response:
        post, author = commands.publish(viewer.user_id, draft_of(body.client_post_id, body))
        return JSONResponse(granted(to_json(post, author, Counts(), Mine())), status_code=201)

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
