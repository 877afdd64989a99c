"""Queries about the caller's own requests, blocks and mutes. Nobody else sees them."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.resources import PageResource
from services.common.responses import JSONResponse
from services.profiles.public import MutedWords, MuteRepository, PersonResource, muted_word_resource
from services.query.hydration import Hydration
from services.query.resources import MutedThread
from services.query.social import SocialQueries, page_json, ulid_cursor


def graph_router(queries: SocialQueries, mutes: MuteRepository) -> Router:
    """``/v1/follow-requests``, ``/v1/blocks`` and ``/v1/mutes``."""
    router = Router(prefix="/v1", tags=["profiles"])
    profiles, hydration = queries.profiles, queries.hydration

    @router.get(
        "/follow-requests", summary="Follow requests to you, newest first", response_model=PageResource[PersonResource]
    )
    async def requests(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        page = profiles.requests(viewer.user_id, ulid_cursor(cursor, "requests"), limit)
        return page_json(hydration.people(viewer.user_id, [edge["followerId"] for edge in page.items]), page)

    @router.get(
        "/follow-requests/sent",
        summary="Follow requests you sent, newest first",
        response_model=PageResource[PersonResource],
    )
    async def sent(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        page = profiles.requested(viewer.user_id, ulid_cursor(cursor, "requested"), limit)
        return page_json(hydration.people(viewer.user_id, [edge["followeeId"] for edge in page.items]), page)

    @router.get("/blocks", summary="People you block, newest first", response_model=PageResource[PersonResource])
    async def blocks(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        page = profiles.blocks(viewer.user_id, ulid_cursor(cursor, "blocks"), limit)
        ids = [edge["blockedId"] for edge in page.items]
        return page_json(hydration.people(viewer.user_id, ids, blocked=True), page)

    _mute_routes(router, mutes, hydration, queries)
    return router


def _mute_routes(router: Router, mutes: MuteRepository, hydration: Hydration, queries: SocialQueries) -> None:
    @router.get("/mutes/users", summary="People you mute, newest first", response_model=PageResource[PersonResource])
    async def people(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        page = mutes.people(viewer.user_id, ulid_cursor(cursor, "muted-people"), limit)
        return page_json(hydration.people(viewer.user_id, list(page.items), blocked=True), page)

    @router.get("/mutes/words", summary="Words you mute, newest first", response_model=MutedWords)
    async def words(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": [muted_word_resource(one) for one in mutes.words(viewer.user_id)]})

    @router.get(
        "/mutes/threads", summary="Threads you mute, last muted first", response_model=PageResource[MutedThread]
    )
    async def threads(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        page = mutes.threads(viewer.user_id, ulid_cursor(cursor, "muted-threads"), limit)
        found = queries.posts.many(page.items)
        live = [found[one] for one in page.items if one in found]
        shown = {post["id"]: post for post in hydration.posts(viewer.user_id, live)}
        items: list[dict[str, Any]] = [{"id": one, "post": shown.get(one)} for one in page.items]
        return page_json(items, page)
