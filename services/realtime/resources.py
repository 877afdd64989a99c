"""What real time answers with."""

from __future__ import annotations

from typing_extensions import TypedDict

from services.common.clock import to_text
from services.realtime.model import Ticket


class TicketResource(TypedDict):
    """``ticket`` goes into the query string of the connection URL."""

    ticket: str
    expiresAt: str


def to_resource(ticket: Ticket) -> TicketResource:
    return {"ticket": ticket.secret, "expiresAt": to_text(ticket.expires_at)}
