"""HTTP commands on posts of others, and pins: below ``/v1/posts/{post_id}``."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer
from services.posts.api import PostId
from services.posts.engagement import EngagementCommands


class React(Body):
    """``emoji``: exactly one, a grapheme cluster of Unicode's emoji."""

    emoji: str = Field(min_length=1, max_length=64)


def build_router(commands: EngagementCommands) -> APIRouter:
    """Reposts, reactions, bookmarks, pins."""
    router = APIRouter(prefix="/v1/posts/{post_id}", tags=["posts"])

    @router.put("/repost", status_code=204, summary="Show a post to one's followers")
    async def repost(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.repost(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.delete("/repost", status_code=204, summary="Take a repost back")
    async def unrepost(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.unrepost(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.put("/reaction", status_code=204, summary="React with an emoji, or with another one")
    async def react(post_id: PostId, body: React, viewer: CurrentViewer) -> Response:
        commands.react(viewer.user_id, post_id, body.emoji)
        return Response(status_code=204)

    @router.delete("/reaction", status_code=204, summary="Take a reaction back")
    async def unreact(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.unreact(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.put("/bookmark", status_code=204, summary="Keep a post for later; nobody else sees it")
    async def bookmark(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.bookmark(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.delete("/bookmark", status_code=204, summary="Keep a post no longer")
    async def unbookmark(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.unbookmark(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.put("/pin", status_code=204, summary="Put one's own post first on one's page")
    async def pin(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.pin(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.delete("/pin", status_code=204, summary="Let a pinned post take its place again")
    async def unpin(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.unpin(viewer.user_id, post_id)
        return Response(status_code=204)

    return router
