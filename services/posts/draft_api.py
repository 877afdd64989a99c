"""HTTP commands on the life of a post: edits, votes, drafts, scheduled posts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.signed_urls import granted
from services.posts.api import ULID, PostContent, PostId, draft_of
from services.posts.commands import Draft
from services.posts.drafts import ShelfCommands
from services.posts.edit_commands import Edit, EditCommands, edited_json
from services.posts.model import MEDIA_LIMIT, TEXT_LIMIT, WARNING_LIMIT
from services.posts.poll_commands import PollCommands
from services.posts.polls import OPTIONS_MOST

OwnId = Annotated[str, Path(pattern=ULID, description="A ULID that the client chose.")]
Version = Annotated[int, Field(ge=1, le=2**53)]


class EditPost(Body):
    """``version`` is that of the post as the author saw it. What is left out stays; ``mediaIds`` takes the media anew,
    with their alternative texts of now; an empty ``contentWarning`` takes it away."""

    version: Version
    text: str | None = Field(default=None, max_length=TEXT_LIMIT * 32)
    media_ids: list[Annotated[str, Field(pattern=ULID)]] | None = Field(default=None, max_length=MEDIA_LIMIT)
    lang: str | None = Field(default=None, max_length=16)
    content_warning: str | None = Field(default=None, max_length=WARNING_LIMIT * 32)
    sensitive: bool | None = None


class CastVote(Body):
    """Places of the chosen options, from 0."""

    choices: list[Annotated[int, Field(ge=0, lt=OPTIONS_MOST)]] = Field(min_length=1, max_length=OPTIONS_MOST)


class SaveDraft(Body):
    """``content`` is what the composer has so far, in the fields of a publication; at most 16 KB. Its ``mediaIds`` have
    to be the author's own; the rest is checked when it is published. ``version`` is the one that was read; a new draft
    has none."""

    content: dict[str, Any]
    version: Version | None = None


class SchedulePost(Body):
    """``publishAt`` (RFC 3339) is at least a minute and at most 180 days ahead. ``version`` is the one that was read; a
    new entry has none."""

    publish_at: str = Field(max_length=40)
    post: PostContent
    version: Version | None = None


def scheduled_draft(client_post_id: str, content: Mapping[str, Any]) -> Draft:
    """From a scheduled post's content to what ``PostCommands`` takes."""
    return draft_of(client_post_id, PostContent.model_validate(content))


def build_life_router(edits: EditCommands, polls: PollCommands, shelf: ShelfCommands) -> Router:
    """Routes of the post function."""
    router = Router(prefix="/v1", tags=["posts"])

    @router.patch("/posts/{post_id}", summary="Edit one's own post")
    async def edit(post_id: PostId, body: EditPost, viewer: CurrentViewer) -> Response:
        wanted = Edit(body.version, body.text, body.media_ids, body.lang, body.content_warning, body.sensitive)
        return JSONResponse(granted(edited_json(edits.edit(viewer.user_id, post_id, wanted))))

    @router.put("/posts/{post_id}/vote", summary="Vote in a poll")
    async def vote(post_id: PostId, body: CastVote, viewer: CurrentViewer) -> Response:
        return JSONResponse(polls.vote(viewer.user_id, post_id, body.choices))

    @router.put("/drafts/{draft_id}", summary="Save a draft")
    async def save(draft_id: OwnId, body: SaveDraft, viewer: CurrentViewer) -> Response:
        draft, is_new = shelf.save(viewer.user_id, draft_id, body.content, body.version)
        return JSONResponse(draft.to_json(), status_code=201 if is_new else 200)

    @router.delete("/drafts/{draft_id}", status_code=204, summary="Delete a draft")
    async def discard(draft_id: OwnId, viewer: CurrentViewer) -> Response:
        shelf.discard(viewer.user_id, draft_id)
        return Response(status_code=204)

    @router.put("/scheduled-posts/{scheduled_id}", summary="Schedule a post, or change one that waits")
    async def schedule(scheduled_id: OwnId, body: SchedulePost, viewer: CurrentViewer) -> Response:
        content = body.post.model_dump(by_alias=True, exclude_unset=True, mode="json")
        made, is_new = shelf.schedule(viewer.user_id, scheduled_id, content, body.publish_at, body.version)
        return JSONResponse(made.to_json(), status_code=201 if is_new else 200)

    @router.delete("/scheduled-posts/{scheduled_id}", status_code=204, summary="Cancel a scheduled post")
    async def cancel(scheduled_id: OwnId, viewer: CurrentViewer) -> Response:
        shelf.cancel(viewer.user_id, scheduled_id)
        return Response(status_code=204)

    return router
