"""HTTP commands of accounts: ``/v1/me/export``, ``/v1/me/sign-out`` and ``/v1/me/deletion``."""

from __future__ import annotations

from fastapi import Response
from pydantic import Field

from services.accounts.commands import AccountCommands
from services.accounts.resources import Deletion, ExportResource, SigningOut, to_resource
from services.common.http import Body, CurrentViewer, Router
from services.common.responses import JSONResponse


class DeleteAccount(Body):
    """The person types the handle, so that an account is never deleted by a single click."""

    handle: str = Field(default="", max_length=64)


def build_router(commands: AccountCommands) -> Router:
    """The routes of the account function."""
    router = Router(prefix="/v1/me", tags=["account"])

    @router.post(
        "/export",
        status_code=202,
        summary="Ask for an export of all your data",
        response_model=ExportResource,
    )
    async def export(viewer: CurrentViewer) -> Response:
        return JSONResponse(to_resource(commands.export(viewer.user_id)), status_code=202)

    @router.post(
        "/sign-out", status_code=202, summary="Sign out on all devices, including this one", response_model=SigningOut
    )
    async def sign_out(viewer: CurrentViewer) -> Response:
        commands.sign_out(viewer.user_id)
        return JSONResponse({"state": "signing-out"}, status_code=202)

    @router.post(
        "/deletion", status_code=202, summary="Delete your account and everything in it", response_model=Deletion
    )
    async def delete(body: DeleteAccount, viewer: CurrentViewer) -> Response:
        commands.delete(viewer, body.handle)
        return JSONResponse({"state": "deleting"}, status_code=202)

    return router
