"""Queries about one's own notifications."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.common.http import CurrentViewer, CursorText, Limit
from services.common.people import People
from services.notifications import queries
from services.query.graph import Shield


def notifications_router(people: People, shield: Shield) -> APIRouter:
    """``/v1/notifications``."""
    router = APIRouter(prefix="/v1/notifications", tags=["notifications"])

    @router.get("", summary="One's notifications, the newest first")
    async def notifications(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        page = queries.list_notifications(viewer.user_id, cursor, limit, people)
        hidden = shield.hidden(viewer.user_id, {item["actor"]["id"] for item in page.items})
        items = [item for item in page.items if item["actor"]["id"] not in hidden]
        return JSONResponse({"items": items, "older": page.older, "newer": page.newer})

    @router.get("/unread", summary="How many are unread")
    async def unread(viewer: CurrentViewer) -> Response:
        return JSONResponse({"count": queries.unread(viewer.user_id)})

    return router
