"""HTTP commands on the caller's lists: ``/v1/lists``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN
from services.common.responses import JSONResponse
from services.profiles.api import UserId
from services.profiles.list_commands import ListCommands
from services.profiles.resources import PeopleListResource, list_resource

ListId = Annotated[str, Path(pattern=ULID_PATTERN, description="A ULID of the client's making.")]


class SaveList(Body):
    """The name, at most 50 characters."""

    name: str = Field(max_length=2000)


def lists_router(commands: ListCommands) -> Router:
    """The routes of the profile function that deal with lists."""
    router = Router(prefix="/v1/lists", tags=["lists"])

    @router.put("/{list_id}", summary="Create or rename a list", response_model=PeopleListResource)
    async def save(list_id: ListId, body: SaveList, viewer: CurrentViewer) -> Response:
        return JSONResponse(list_resource(commands.save(viewer.user_id, list_id, body.name)))

    @router.delete("/{list_id}", status_code=204, summary="Delete a list")
    async def delete(list_id: ListId, viewer: CurrentViewer) -> Response:
        commands.delete(viewer.user_id, list_id)
        return Response(status_code=204)

    @router.put("/{list_id}/members/{user_id}", status_code=204, summary="Add someone to a list")
    async def add(list_id: ListId, user_id: UserId, viewer: CurrentViewer) -> Response:
        commands.add(viewer.user_id, list_id, user_id)
        return Response(status_code=204)

    @router.delete("/{list_id}/members/{user_id}", status_code=204, summary="Remove someone from a list")
    async def remove(list_id: ListId, user_id: UserId, viewer: CurrentViewer) -> Response:
        commands.remove(viewer.user_id, list_id, user_id)
        return Response(status_code=204)

    return router
