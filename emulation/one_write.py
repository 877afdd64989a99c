"""An answer in one write: uvicorn writes head and body apart, each a system call that wakes the client.

A head is held until its body follows, at most until the event loop has done what is ready now.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: A body beyond this is not copied behind its head: copying would cost more than the second call.
_COPIED = 64 * 1024


class JoiningTransport:
    """An asyncio transport that holds one write for the next one."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.whole = transport
        self._loop = loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def write(self, data: bytes) -> None:
        held, self._held = self._held, b""
        if not held:
            self._held = data
            if data:
                self._loop.call_soon(self.flush)
        elif len(data) <= _COPIED:
            self.whole.write(held + data)
        else:
            self.whole.write(held)
            self.whole.write(data)

    def flush(self) -> None:
        held, self._held = self._held, b""
        if held and not self.whole.is_closing():
            self.whole.write(held)

    def close(self) -> None:
        self.flush()
        self.whole.close()


class OneWriteProtocol(HttpToolsProtocol):
    """Give this to ``uvicorn.Config(http=…)``."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(JoiningTransport(transport, self.loop))  # type: ignore[arg-type]

    def handle_websocket_upgrade(self) -> None:
        """Frames are no answers: the WebSocket protocol gets the transport itself."""
        joining: Any = self.transport
        joining.flush()
        self.transport = joining.whole
        super().handle_websocket_upgrade()
