"""Queries about the caller's own notifications."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from services.common.errors import BadRequest, FieldError
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.resources import PageResource
from services.common.responses import JSONResponse
from services.notifications.public import (
    NotificationQueries,
    NotificationResource,
    NotificationSettings,
    NotificationType,
    PushDevices,
    Unread,
)

TypesText = Annotated[str | None, Query(max_length=200, description="Some types only, comma separated.")]


def notifications_router(queries: NotificationQueries) -> Router:
    """``/v1/notifications`` and ``/v1/push-subscriptions``."""
    router = Router(prefix="/v1", tags=["notifications"])

    @router.get(
        "/notifications",
        summary="Your notifications, newest first",
        response_model=PageResource[NotificationResource],
    )
    async def notifications(
        viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None, types: TypesText = None
    ) -> Response:
        kinds = _kinds(types)
        page = queries.page(viewer.user_id, cursor, limit, kinds)
        return JSONResponse({"items": page.items, "older": page.older, "newer": page.newer})

    @router.get("/notifications/unread", summary="The number of unread notifications", response_model=Unread)
    async def unread(viewer: CurrentViewer) -> Response:
        marks, hidden = queries.unread(viewer.user_id)
        known = {"revision": marks.revision, "readUpTo": marks.read_up_to, "seenUpTo": marks.seen_up_to}
        return JSONResponse({"count": marks.unread - hidden, "hidden": hidden, **known})

    @router.get(
        "/notifications/settings",
        summary="Your notification settings",
        response_model=NotificationSettings,
    )
    async def settings(viewer: CurrentViewer) -> Response:
        return JSONResponse(queries.settings_of(viewer.user_id))

    @router.get(
        "/push-subscriptions", summary="Your browsers and phones that receive pushes", response_model=PushDevices
    )
    async def devices(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": queries.devices_of(viewer.user_id)})

    return router


def _kinds(text: str | None) -> list[NotificationType]:
    """Raises ``BadRequest`` for what is no type."""
    names = dict.fromkeys(name for name in (text or "").split(",") if name)
    try:
        return [NotificationType(name) for name in names]
    except ValueError as error:
        fault = FieldError("types", f"some of {', '.join(NotificationType)}", repr(text)[:64])
        raise BadRequest("Unknown notification type.", fault) from error
