"""Queries about one's own notifications."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.common.errors import BadRequest, FieldError
from services.common.http import CurrentViewer, CursorText, Limit
from services.common.people import People
from services.notifications import queries
from services.notifications.model import Type
from services.notifications.screen import Posts
from services.query.graph import Shield

TypesText = Annotated[str | None, Query(max_length=200, description="Some types only, comma separated.")]


def notifications_router(people: People, shield: Shield, posts: Posts) -> APIRouter:
    """``/v1/notifications`` and ``/v1/push-subscriptions``."""
    router = APIRouter(prefix="/v1", tags=["notifications"])

    @router.get("/notifications", summary="One's notifications, the newest first")
    async def notifications(
        viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None, types: TypesText = None
    ) -> Response:
        kinds = _kinds(types)
        page = queries.list_notifications(viewer.user_id, cursor, limit, people, posts, kinds)
        hidden = shield.hidden(viewer.user_id, {item["actor"]["id"] for item in page.items if item["actor"]})
        items = [item for item in page.items if not item["actor"] or item["actor"]["id"] not in hidden]
        return JSONResponse({"items": items, "older": page.older, "newer": page.newer})

    @router.get("/notifications/unread", summary="How many are unread")
    async def unread(viewer: CurrentViewer) -> Response:
        marks = queries.unread(viewer.user_id)
        return JSONResponse({"count": marks.unread, "revision": marks.revision, "readUpTo": marks.read_up_to})

    @router.get("/notifications/settings", summary="What one hears of, from whom, on which channel, and when")
    async def settings(viewer: CurrentViewer) -> Response:
        return JSONResponse(queries.settings_of(viewer.user_id))

    @router.get("/push-subscriptions", summary="One's browsers and phones that take pushes")
    async def devices(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": queries.devices_of(viewer.user_id)})

    return router


def _kinds(text: str | None) -> list[Type]:
    """Raises ``BadRequest`` for what is no type."""
    names = dict.fromkeys(name for name in (text or "").split(",") if name)
    try:
        return [Type(name) for name in names]
    except ValueError as error:
        fault = FieldError("types", f"some of {', '.join(Type)}", repr(text)[:64])
        raise BadRequest("There is no such type of notification.", fault) from error
