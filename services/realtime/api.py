"""HTTP and socket routes of real time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.common.clock import to_text
from services.common.http import Body, CurrentViewer, Router
from services.common.sockets import SocketActions, SocketRequest
from services.realtime import commands
from services.realtime.model import Tickets
from services.realtime.transport import Transport


class TicketRequest(Body):
    """Nothing is asked for yet."""


class TicketAnswer(Body):
    """``ticket`` goes into the query string of the connection URL."""

    ticket: str
    expires_at: str


class Ping(Body):
    """Keeps the connection from being closed for idleness (API Gateway: ten minutes)."""


def build_router(tickets: Tickets) -> Router:
    """``/v1/realtime``."""
    router = Router(prefix="/v1/realtime")

    @router.post("/tickets", status_code=201)
    def create_ticket(viewer: CurrentViewer, body: TicketRequest | None = None) -> TicketAnswer:
        ticket = commands.issue_ticket(tickets, viewer.user_id)
        return TicketAnswer(ticket=ticket.secret, expires_at=to_text(ticket.expires_at))

    return router


def build_actions(transport: Callable[[], Transport]) -> SocketActions:
    """``ping``."""
    actions = SocketActions()

    def ping(request: SocketRequest, _: Ping) -> dict[str, Any]:
        """``resume`` tells a device that had been forgotten to fetch what it may have missed."""
        return {"resume": True} if transport().seen(request.viewer.user_id, request.device) else {}

    actions.on("ping", Ping, ping, answer="pong")
    return actions
