"""Invokes functions at the emulator host by its invocation port (``emulation/aws/invocation_frames.py``).

Without such a port (another container, LocalStack), or while it is down, the request goes by HTTP, as to any emulator.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path

from emulation.aws.invocation_frames import Came, Frames, frame
from emulation.aws.upstream import BrokenError, UpstreamTimeoutError

#: After a connection failed, the next is tried so much later.
_RETRY_SECONDS = 1.0

Answer = tuple[Came, bytes]
BY_HTTP: Answer = (Came.BY_HTTP, b"")


class Invoker:
    """One connection for all calls, made by the first."""

    def __init__(self, path: Path | None) -> None:
        """``path``: of the socket; None where a socket cannot have such a path."""
        self._path = path
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._next_try = 0.0

    @property
    def is_connected(self) -> bool:
        return self._connection is not None and self._connection.transport is not None

    def is_reachable(self) -> bool:
        """False where the connection just failed, or cannot be."""
        return self.is_connected or (self._path is not None and asyncio.get_running_loop().time() >= self._next_try)

    async def invoke(self, head: dict[str, str], event: bytes, seconds: float) -> Answer:
        """The outcome of the invocation, and the function's response in JSON.

        Raises:
            BrokenError: the emulator ended meanwhile.
            UpstreamTimeoutError: no answer within ``seconds``; the function goes on.
        """
        connection = self._connection
        if connection is None or connection.transport is None:
            connection = await self._connected()
            if connection is None:
                return BY_HTTP
        return await connection.call(json.dumps(head).encode(), event, seconds)

    async def _connected(self) -> _Connection | None:
        loop = asyncio.get_running_loop()
        async with self._connecting:
            if self.is_connected:
                return self._connection
            if self._path is None or not self.is_reachable():
                return None
            try:
                _, self._connection = await loop.create_unix_connection(_Connection, str(self._path))
            except OSError:
                self._next_try = loop.time() + _RETRY_SECONDS
                self._connection = None
            return self._connection

    def close(self) -> None:
        if self._connection is not None and self._connection.transport is not None:
            self._connection.transport.close()


class _Connection(asyncio.Protocol):
    """Calls that wait, by number."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self._frames = Frames()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def eof_received(self) -> None:
        """Stop using this connection, even before its transport has closed."""
        self.transport = None

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        for call in self._waiting.values():
            if not call.done():
                call.set_exception(BrokenError("the emulator ended before the function answered"))

    def data_received(self, data: bytes) -> None:
        for number, content in self._frames.of(data):
            call = self._waiting.get(number)
            if call is not None and not call.done():
                call.set_result((Came(content[0]), content[1:]))

    async def call(self, head: bytes, event: bytes, seconds: float) -> Answer:
        assert self.transport is not None
        number = next(self._numbers) & 0xFFFFFFFF
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.transport.write(frame(number, head, b"\n", event))
        try:
            async with asyncio.timeout(seconds):
                return await self._waiting[number]
        except TimeoutError as error:
            raise UpstreamTimeoutError(f"no answer within {seconds:.0f} s") from error
        finally:
            del self._waiting[number]
