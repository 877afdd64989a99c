"""HTTP commands on posts of others, and pins: below ``/v1/posts/{post_id}``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.posts.api import PostId
from services.posts.engagement_commands import EngagementCommands

#: viewer, post
OnPost = Callable[[str, str], None]


class ReactToPost(Body):
    """``emoji``: exactly one, a grapheme cluster of Unicode's emoji."""

    emoji: str = Field(min_length=1, max_length=64)


def build_engagement_router(commands: EngagementCommands) -> Router:
    """Reposts, reactions, bookmarks, pins."""
    router = Router(prefix="/v1/posts/{post_id}", tags=["posts"])
    _put(router, "/repost", commands.repost, "Repost a post")
    _delete(router, "/repost", commands.unrepost, "Undo a repost")
    _put(router, "/bookmark", commands.bookmark, "Bookmark a post; nobody else sees it")
    _delete(router, "/bookmark", commands.unbookmark, "Remove a bookmark")
    _put(router, "/pin", commands.pin, "Pin your post to your profile")
    _delete(router, "/pin", commands.unpin, "Unpin a post")
    _delete(router, "/reaction", commands.unreact, "Remove your reaction")

    @router.put("/reaction", status_code=204, summary="React with an emoji, replacing your previous reaction")
    async def react(post_id: PostId, body: ReactToPost, viewer: CurrentViewer) -> Response:
        commands.react(viewer.user_id, post_id, body.emoji)
        return Response(status_code=204)

    return router


def _put(router: Router, path: str, act: OnPost, summary: str) -> None:
    router.put(path, status_code=204, summary=summary)(_bare(act))


def _delete(router: Router, path: str, act: OnPost, summary: str) -> None:
    router.delete(path, status_code=204, summary=summary)(_bare(act))


def _bare(act: OnPost) -> Callable[..., Awaitable[Response]]:
    """The route of a command that takes nothing but the viewer and the post, and gives nothing."""

    async def route(post_id: PostId, viewer: CurrentViewer) -> Response:
        act(viewer.user_id, post_id)
        return Response(status_code=204)

    return route
