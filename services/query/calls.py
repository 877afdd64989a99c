"""Queries about calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from services.calls.public import (
    CallQueries,
    CallResource,
    CurrentCall,
    IceQueries,
    IceServers,
    ListedCall,
    to_resource,
)
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.resources import PageResource
from services.common.responses import JSONResponse


def calls_router(calls: CallQueries, ice: IceQueries) -> Router:
    """``/v1/calls``: a call only to its two parties; the list also has group calls of the reader."""
    router = Router(prefix="/v1/calls", tags=["calls"])

    @router.get("", summary="Your calls, latest first", response_model=PageResource[ListedCall])
    async def history(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        return JSONResponse(calls.history(viewer.user_id, cursor, limit))

    @router.get("/current", summary="Your call that is ringing or running", response_model=CurrentCall)
    async def current(viewer: CurrentViewer) -> Response:
        return JSONResponse(calls.current(viewer.user_id), headers={"cache-control": "no-store"})

    @router.get("/ice-servers", summary="STUN and TURN servers for your next call", response_model=IceServers)
    async def ice_servers(viewer: CurrentViewer) -> Response:
        body = ice.ice_servers(viewer.user_id)
        # The credentials in it are one person's: no cache may keep them.
        return JSONResponse(body, headers={"cache-control": "no-store"})

    @router.get("/{call_id}", summary="A call", response_model=CallResource)
    async def call(call_id: Annotated[str, Path(max_length=64)], viewer: CurrentViewer) -> Response:
        return JSONResponse(to_resource(calls.call(viewer.user_id, call_id)))

    return router
