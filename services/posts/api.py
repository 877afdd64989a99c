"""HTTP commands of the posts context: ``/v1/posts``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN
from services.common.responses import JSONResponse
from services.common.signed_urls import granted
from services.posts.commands import NewPost, PostCommands
from services.posts.edit_commands import Edit, EditCommands
from services.posts.model import MEDIA_LIMIT, TEXT_LIMIT, WARNING_LIMIT, Mine, PostCounts, Visibility
from services.posts.poll_commands import PollCommands
from services.posts.polls import OPTION_LIMIT, OPTIONS_MOST, PollContent
from services.posts.reply_policy import ReplyPolicy
from services.posts.resources import EditedPost, PollResource, PostResource, edited_resource
from services.posts.views import to_resource

Version = Annotated[int, Field(ge=1, le=2**53)]
PostId = Annotated[str, Path(pattern=ULID_PATTERN, description="A ULID.")]


class NewPoll(Body):
    """2 to 4 different options of at most 50 grapheme clusters; 5 minutes to 7 days."""

    options: list[Annotated[str, Field(max_length=OPTION_LIMIT * 32)]] = Field(max_length=16)
    multiple: bool = False
    duration_seconds: int = Field(ge=0, le=2**31)


class PostContent(Body):
    """The content of a post, also of a scheduled one. ``text`` has at most 500 grapheme clusters; it may be empty if
    there are media. ``sensitive`` blurs photos and videos until the reader opens them."""

    text: str = Field(default="", max_length=TEXT_LIMIT * 32)
    media_ids: list[Annotated[str, Field(pattern=ULID_PATTERN)]] = Field(default=[], max_length=MEDIA_LIMIT)
    visibility: Visibility = Visibility.PUBLIC
    reply_to: Annotated[str, Field(pattern=ULID_PATTERN)] | None = None
    lang: str | None = Field(default=None, max_length=16)
    poll: NewPoll | None = None
    content_warning: str | None = Field(default=None, max_length=WARNING_LIMIT * 32)
    sensitive: bool = False
    quote_of: Annotated[str, Field(pattern=ULID_PATTERN)] | None = None
    reply_policy: ReplyPolicy | None = None


class PublishPost(PostContent):
    """``clientPostId`` makes a retry harmless: each id of an author creates one post."""

    client_post_id: str = Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")


class EditPost(Body):
    """``version`` is the version that the author saw. Absent fields stay; ``mediaIds`` takes the media again, with
    their current alternative texts; an empty ``contentWarning`` removes it."""

    version: Version
    text: str | None = Field(default=None, max_length=TEXT_LIMIT * 32)
    media_ids: list[Annotated[str, Field(pattern=ULID_PATTERN)]] | None = Field(default=None, max_length=MEDIA_LIMIT)
    lang: str | None = Field(default=None, max_length=16)
    content_warning: str | None = Field(default=None, max_length=WARNING_LIMIT * 32)
    sensitive: bool | None = None


class CastVote(Body):
    """Positions of the chosen options, from 0."""

    choices: list[Annotated[int, Field(ge=0, lt=OPTIONS_MOST)]] = Field(min_length=1, max_length=OPTIONS_MOST)


def new_post_of(client_post_id: str, body: PostContent) -> NewPost:
    """What ``PostCommands`` takes."""
    poll = None
    if body.poll is not None:
        duration = timedelta(seconds=body.poll.duration_seconds)
        poll = PollContent(body.poll.options, body.poll.multiple, duration)
    return NewPost(
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


def build_router(commands: PostCommands, edits: EditCommands, polls: PollCommands) -> Router:
    """The routes of the post function that deal with posts."""
    router = Router(prefix="/v1/posts", tags=["posts"])

    @router.post("", status_code=201, summary="Publish a post", response_model=PostResource)
    async def publish(body: PublishPost, viewer: CurrentViewer) -> Response:
        post, author = commands.publish(viewer.user_id, new_post_of(body.client_post_id, body))
        return JSONResponse(granted(to_resource(post, author, PostCounts(), Mine())), status_code=201)

    @router.delete("/{post_id}", status_code=204, summary="Delete your post")
    async def delete(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.delete(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.put("/{post_id}/like", status_code=204, summary="Like a post")
    async def like(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.like(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.delete("/{post_id}/like", status_code=204, summary="Unlike a post")
    async def unlike(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.unlike(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.patch("/{post_id}", summary="Edit your post", response_model=EditedPost)
    async def edit(post_id: PostId, body: EditPost, viewer: CurrentViewer) -> Response:
        wanted = Edit(body.version, body.text, body.media_ids, body.lang, body.content_warning, body.sensitive)
        return JSONResponse(granted(edited_resource(edits.edit(viewer.user_id, post_id, wanted))))

    @router.put("/{post_id}/vote", summary="Vote in a poll", response_model=PollResource)
    async def vote(post_id: PostId, body: CastVote, viewer: CurrentViewer) -> Response:
        return JSONResponse(polls.vote(viewer.user_id, post_id, body.choices))

    return router
