"""Queries of authors: former versions of a post, their drafts and scheduled posts."""

from __future__ import annotations

from fastapi import Response

from services.common.errors import NotFound
from services.common.http import CurrentViewer, Router
from services.common.responses import JSONResponse
from services.common.signed_urls import granted
from services.posts.public import (
    V1,
    DraftRepository,
    Drafts,
    PostHistory,
    ScheduledPosts,
    VersionRepository,
    current_version_resource,
    draft_resource,
    scheduled_resource,
    version_resource,
)
from services.query.social import PostId, SocialQueries


def authoring_router(queries: SocialQueries, versions: VersionRepository, kept: DraftRepository) -> Router:
    """``/v1/posts/{id}/history``, ``/v1/drafts`` and ``/v1/scheduled-posts``."""
    router = Router(prefix="/v1", tags=["posts"])

    @router.get("/posts/{post_id}/history", summary="All versions of a post, newest first", response_model=PostHistory)
    async def history(post_id: PostId, viewer: CurrentViewer) -> Response:
        # In this order: an edit between the two reads is left out, not shown twice; a deletion gives 404.
        former = versions.history(post_id)
        if queries.hydration.post(viewer.user_id, post_id, V1) is None or (post := versions.get(post_id)) is None:
            raise NotFound("Post not found.")
        older = [version_resource(one) for one in former if one["version"] < post.version]
        return JSONResponse(granted({"items": [current_version_resource(post), *older]}))

    @router.get("/drafts", summary="Your drafts, latest change first", response_model=Drafts)
    async def drafts(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": [draft_resource(one) for one in kept.drafts(viewer.user_id)]})

    @router.get("/scheduled-posts", summary="Your scheduled posts, next first", response_model=ScheduledPosts)
    async def scheduled(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": [scheduled_resource(one) for one in kept.all_scheduled(viewer.user_id)]})

    return router
