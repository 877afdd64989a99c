"""``GET /v1/me/export``: the state of the caller's export, and the link to it."""

from __future__ import annotations

from fastapi import Response

from services.accounts.public import ExportQueries, ExportResource
from services.common.errors import NotFound
from services.common.http import Absent, CurrentViewer, Router
from services.common.responses import JSONResponse


def account_router(exports: ExportQueries) -> Router:
    """Only for the owner."""
    router = Router(prefix="/v1/me", tags=["account"])

    @router.get(
        "/export",
        summary="The state of your export, with a link when it is ready",
        response_model=ExportResource,
        responses={204: {"description": "You have none."}},
    )
    async def export(viewer: CurrentViewer, absent: Absent = "problem") -> Response:
        try:
            return JSONResponse(exports.export(viewer.user_id))
        except NotFound:
            if absent == "problem":
                raise
        return Response(status_code=204)

    return router
