"""``GET /v1/me/export``: how one's export stands, and the link to it."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import JSONResponse

from services.accounts.public import ExportQueries, ExportResource
from services.common.http import CurrentViewer, Router


def account_router(exports: ExportQueries) -> Router:
    """Only the owner gets an answer."""
    router = Router(prefix="/v1/me", tags=["account"])

    @router.get(
        "/export", summary="How one's export stands; a link to it when it is ready", response_model=ExportResource
    )
    async def export(viewer: CurrentViewer) -> Response:
        return JSONResponse(exports.export(viewer.user_id))

    return router
