"""``GET /v1/me/export``: how one's export stands, and the link to it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.accounts.adapter import ExportStorage
from services.accounts.model import LINK_SECONDS, ExportState
from services.accounts.repository import AccountRepository
from services.common.errors import NotFound
from services.common.http import CurrentViewer


def account_router(accounts: AccountRepository, storage: ExportStorage) -> APIRouter:
    """Each answer has a new link, which works for ten minutes; only the owner is told one."""
    router = APIRouter(prefix="/v1/me", tags=["account"])

    @router.get("/export", summary="How one's export stands; a link to it when it is ready")
    async def export(viewer: CurrentViewer) -> Response:
        found = accounts.export(viewer.user_id)
        if found is None:
            raise NotFound("There is no export.")
        url = None
        if found.state is ExportState.READY:
            url = storage.link(found.key, f"asyncsns-{found.requested_at[:10]}.zip", LINK_SECONDS)
        return JSONResponse(found.to_json(url))

    return router
