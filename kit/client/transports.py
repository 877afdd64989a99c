"""Opens a link by the transport that is asked for; the WebSocket link."""

from __future__ import annotations

from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kit.client.endpoints import Endpoints
from kit.client.links import OPEN_SECONDS, Closed, Kind, Link, Refused


async def open_link(endpoints: Endpoints, ticket: str, kind: Kind = "websocket") -> Link:
    """Connect with a ticket.

    Raises:
        Refused: the ticket lets nobody in, or there are too many connections.
    """
    if kind == "webtransport":
        from kit.client.webtransport import WebTransportLink

        return await WebTransportLink.open(endpoints.webtransport_url, ticket)
    try:
        connection = await connect(
            f"{endpoints.realtime_url}?ticket={quote(ticket)}",
            open_timeout=OPEN_SECONDS,
            ping_interval=None,
            close_timeout=1,
            compression=None,
        )
    except InvalidStatus as refused:
        raise Refused(refused.response.status_code) from refused
    return _WebSocketLink(connection)


class _WebSocketLink:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise Closed(str(closed)) from closed

    async def recv(self) -> str:
        try:
            return str(await self._connection.recv())
        except ConnectionClosed as closed:
            raise Closed(str(closed)) from closed

    async def close(self) -> None:
        await self._connection.close()

    def hang(self) -> None:
        self._connection.transport.pause_reading()
