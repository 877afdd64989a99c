"""One connection of one device, by WebSocket or WebTransport: text frames in and out, nothing about what they say."""

from __future__ import annotations

from typing import Literal, Protocol
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kit.client.endpoints import Endpoints

Kind = Literal["websocket", "webtransport"]
OPEN_SECONDS = 30.0


class Refused(Exception):
    """The connection was not accepted; ``status`` as HTTP has it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


class Closed(Exception):
    """The connection is over."""


class Link(Protocol):
    """``recv`` raises ``Closed`` when there is nothing more to come."""

    async def send(self, text: str) -> None: ...

    async def recv(self) -> str: ...

    async def close(self) -> None: ...

    def hang(self) -> None:
        """Take nothing from the network any more."""


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
