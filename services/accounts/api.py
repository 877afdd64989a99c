"""HTTP commands of accounts: ``/v1/me/export`` and ``/v1/me/deletion``."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import Field

from services.accounts.commands import AccountCommands
from services.accounts.resources import Deletion, ExportResource, to_resource
from services.common.http import Body, CurrentViewer, Router


class DeleteAccount(Body):
    """The handle is typed by hand, so that nobody deletes an account by one click."""

    handle: str = Field(default="", max_length=64)


def build_router(commands: AccountCommands) -> Router:
    """The routes of the account function."""
    router = Router(prefix="/v1/me", tags=["account"])

    @router.post(
        "/export",
        status_code=202,
        summary="Ask for one file with everything of one's own",
        response_model=ExportResource,
    )
    async def export(viewer: CurrentViewer) -> Response:
        return JSONResponse(to_resource(commands.export(viewer.user_id)), status_code=202)

    @router.post(
        "/deletion", status_code=202, summary="Delete one's account and everything in it", response_model=Deletion
    )
    async def delete(body: DeleteAccount, viewer: CurrentViewer) -> Response:
        commands.delete(viewer, body.handle)
        return JSONResponse({"state": "deleting"}, status_code=202)

    return router
