"""Queries about calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import JSONResponse

from services.calls.public import CallQueries, CallResource, IceServers, to_resource
from services.common.http import CurrentViewer, Router


def calls_router(calls: CallQueries) -> Router:
    """``/v1/calls``: only to the two parties."""
    router = Router(prefix="/v1/calls", tags=["calls"])

    @router.get("/ice-servers", summary="STUN and TURN servers for one's next call", response_model=IceServers)
    async def ice_servers(viewer: CurrentViewer) -> Response:
        body: IceServers = {"iceServers": calls.ice_servers(viewer.user_id)}
        # The credentials in it are one person's: no cache may keep them.
        return JSONResponse(body, headers={"cache-control": "no-store"})

    @router.get("/{call_id}", summary="A call", response_model=CallResource)
    async def call(call_id: Annotated[str, Path(max_length=64)], viewer: CurrentViewer) -> Response:
        return JSONResponse(to_resource(calls.call(viewer.user_id, call_id)))

    return router
