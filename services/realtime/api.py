"""HTTP and socket routes of real time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Response

from services.common.http import Body, CurrentViewer, Router
from services.common.responses import JSONResponse
from services.common.sockets import SocketActions, SocketRequest
from services.realtime import commands
from services.realtime.model import Tickets
from services.realtime.resources import TicketResource, to_resource
from services.realtime.transport import Transport


class TicketRequest(Body):
    """Has no fields yet."""


class Ping(Body):
    """Keeps an idle connection open (API Gateway closes it after ten minutes)."""


def build_router(tickets: Tickets) -> Router:
    """``/v1/realtime``."""
    router = Router(prefix="/v1/realtime")

    @router.post(
        "/tickets", status_code=201, summary="A one-use ticket to open a connection", response_model=TicketResource
    )
    async def create_ticket(viewer: CurrentViewer, body: TicketRequest | None = None) -> Response:
        return JSONResponse(to_resource(commands.issue_ticket(tickets, viewer.user_id)), status_code=201)

    return router


def build_actions(transport: Callable[[], Transport]) -> SocketActions:
    """``ping``."""
    actions = SocketActions()

    def ping(request: SocketRequest, _: Ping) -> dict[str, Any]:
        """``resume`` tells a device that had been forgotten to fetch what it may have missed."""
        return {"resume": True} if transport().seen(request.viewer.user_id, request.device) else {}

    actions.on("ping", Ping, ping, answer="pong")
    return actions
