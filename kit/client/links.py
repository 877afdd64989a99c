"""One connection of one device, by WebSocket or WebTransport: text frames in and out, nothing about what they say."""

from __future__ import annotations

from typing import Literal, Protocol

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
