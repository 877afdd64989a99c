"""Queries about the caller's own lists and their timelines."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.ids import ULID_PATTERN, USER_ID_PATTERN
from services.common.resources import PageResource
from services.common.responses import JSONResponse
from services.profiles.public import ListRepository, PeopleListResource, PeopleLists, PersonResource, list_resource
from services.query.resources import Timeline
from services.query.social import SocialQueries, page_json, ulid_cursor
from services.timelines.public import list_reader

ListId = Annotated[str, Path(pattern=ULID_PATTERN)]
Member = Annotated[str | None, Query(pattern=USER_ID_PATTERN)]


def lists_router(queries: SocialQueries, lists: ListRepository) -> Router:
    """``/v1/lists`` and ``/v1/timelines/lists``: only to their owner, who is part of every key."""
    router = Router(prefix="/v1", tags=["lists"])

    @router.get(
        "/lists",
        summary="Your lists, newest first; with `member`, whether that person is on each",
        response_model=PeopleLists,
    )
    async def mine(viewer: CurrentViewer, member: Member = None) -> Response:
        found = lists.of(viewer.user_id)
        on = lists.containing(viewer.user_id, [one.id for one in found], member) if member else set()
        return JSONResponse({"items": [list_resource(one, one.id in on if member else None) for one in found]})

    @router.get("/lists/{list_id}", summary="One of your lists", response_model=PeopleListResource)
    async def one(list_id: ListId, viewer: CurrentViewer) -> Response:
        return JSONResponse(list_resource(lists.get(viewer.user_id, list_id)))

    @router.get(
        "/lists/{list_id}/members",
        summary="People on a list, last added first",
        response_model=PageResource[PersonResource],
    )
    async def members(list_id: ListId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        lists.get(viewer.user_id, list_id)
        page = lists.members(viewer.user_id, list_id, ulid_cursor(cursor, "list-members"), limit)
        return page_json(queries.hydration.people(viewer.user_id, [row["userId"] for row in page.items]), page)

    @router.get(
        "/timelines/lists/{list_id}",
        summary="Posts of the people on a list",
        tags=["timelines"],
        response_model=Timeline,
    )
    async def timeline(
        list_id: ListId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None
    ) -> Response:
        lists.get(viewer.user_id, list_id)
        reader = list_reader(viewer.user_id, list_id)
        return queries.reading(viewer.user_id, reader, ulid_cursor(cursor, "home"), limit)

    return router
