"""HTTP commands on drafts and scheduled posts: ``/v1/drafts`` and ``/v1/scheduled-posts``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN
from services.common.responses import JSONResponse
from services.posts.api import PostContent, Version, new_post_of
from services.posts.commands import NewPost
from services.posts.draft_commands import DraftCommands
from services.posts.draft_resources import DraftResource, ScheduledPostResource, draft_resource, scheduled_resource

OwnId = Annotated[str, Path(pattern=ULID_PATTERN, description="A ULID that the client chose.")]


class SaveDraft(Body):
    """``content`` is the composer's current content, in the fields of a post; at most 16 KB. Its ``mediaIds`` must be
    the author's own; the rest is checked when it is published. ``version`` is the version that was read; a new draft
    has none."""

    content: dict[str, Any]
    version: Version | None = None


class SchedulePost(Body):
    """``publishAt`` (RFC 3339) is at least a minute and at most 180 days ahead. ``version`` is the version that was
    read; a new entry has none."""

    publish_at: str = Field(max_length=40)
    post: PostContent
    version: Version | None = None


def new_post_of_content(client_post_id: str, content: Mapping[str, Any]) -> NewPost:
    """From a scheduled post's content to what ``PostCommands`` takes."""
    return new_post_of(client_post_id, PostContent.model_validate(content))


def build_draft_router(drafts: DraftCommands) -> Router:
    """The routes of the post function that deal with drafts and scheduled posts."""
    router = Router(prefix="/v1", tags=["posts"])

    @router.put(
        "/drafts/{draft_id}",
        summary="Save a draft",
        response_model=DraftResource,
        responses={201: {"model": DraftResource}},
    )
    async def save(draft_id: OwnId, body: SaveDraft, viewer: CurrentViewer) -> Response:
        draft, is_new = drafts.save(viewer.user_id, draft_id, body.content, body.version)
        return JSONResponse(draft_resource(draft), status_code=201 if is_new else 200)

    @router.delete("/drafts/{draft_id}", status_code=204, summary="Delete a draft")
    async def discard(draft_id: OwnId, viewer: CurrentViewer) -> Response:
        drafts.discard(viewer.user_id, draft_id)
        return Response(status_code=204)

    @router.put(
        "/scheduled-posts/{scheduled_id}",
        summary="Schedule a post, or change a scheduled one",
        response_model=ScheduledPostResource,
        responses={201: {"model": ScheduledPostResource}},
    )
    async def schedule(scheduled_id: OwnId, body: SchedulePost, viewer: CurrentViewer) -> Response:
        content = body.post.model_dump(by_alias=True, exclude_unset=True, mode="json")
        made, is_new = drafts.schedule(viewer.user_id, scheduled_id, content, body.publish_at, body.version)
        return JSONResponse(scheduled_resource(made), status_code=201 if is_new else 200)

    @router.delete("/scheduled-posts/{scheduled_id}", status_code=204, summary="Cancel a scheduled post")
    async def cancel(scheduled_id: OwnId, viewer: CurrentViewer) -> Response:
        drafts.cancel(viewer.user_id, scheduled_id)
        return Response(status_code=204)

    return router
