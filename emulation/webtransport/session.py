"""One session: frames in and out of its stream, API Gateway's limits, and the detection of slow clients."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable
from typing import Protocol

from emulation.aws.socket_limits import FRAME_LIMIT, IDLE_SECONDS, LIFETIME_SECONDS
from emulation.webtransport.functions import Caller

#: Bytes that may wait for a device to take them; who has more waiting does not keep up.
OUTBOX_LIMIT = 256 * 1024
#: Frames of a device that may wait for its functions.
INBOX_LIMIT = 64
#: Seconds that a device with something waiting may take nothing at all.
STUCK_SECONDS = 10.0

GOING_AWAY = 1001
POLICY = 1008
TOO_LARGE = 1009
TRY_LATER = 1013
LENGTH = struct.Struct(">I")


class Wire(Protocol):
    """What a session needs of its QUIC connection."""

    def write(self, stream: int, data: bytes) -> None: ...

    def waiting(self, stream: int) -> int:
        """Bytes written that the other side has not acknowledged."""

    def end(self, session_id: int, code: int, reason: str) -> None:
        """Close the session, then the connection."""


class Session:
    """Accepted, its ticket used up. ``wire`` carries it; ``on_closed`` is called once, however it ends."""

    def __init__(
        self,
        session_id: int,
        caller: Caller,
        wire: Wire,
        on_closed: Callable[[Session, int, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = session_id
        self.caller = caller
        self.inbox: asyncio.Queue[str] = asyncio.Queue(INBOX_LIMIT)
        self.is_closed = False
        self._wire = wire
        self._on_closed = on_closed
        self._clock = clock
        self._stream: int | None = None
        self._early = bytearray()
        self._received = bytearray()
        self._opened = self._last = self._moved = clock()
        self._waited = 0

    @property
    def device(self) -> str:
        return self.caller.device

    def post(self, frame: bytes) -> bool:
        """Send a frame; ``False`` when too many bytes are waiting. Frames before the stream is open wait for it."""
        if self._backlog() + len(frame) > OUTBOX_LIMIT:
            return False
        self._last = self._clock()
        self._send(LENGTH.pack(len(frame)) + frame)
        return True

    def _send(self, data: bytes) -> None:
        if self._stream is None:
            self._early += data
        else:
            self._wire.write(self._stream, data)

    def _backlog(self) -> int:
        return len(self._early) if self._stream is None else self._wire.waiting(self._stream)

    def take(self, stream: int, data: bytes) -> None:
        """Handle received bytes of a stream; the first stream is the session's, a second one ends the session."""
        if self.is_closed:
            return None
        if self._stream is None:
            self._stream = stream
            if self._early:
                self._wire.write(stream, bytes(self._early))
                self._early.clear()
        if stream != self._stream:
            return self.close(POLICY, "expected one stream, got a second")
        self._received += data
        while len(self._received) >= LENGTH.size and not self.is_closed:
            (length,) = LENGTH.unpack_from(self._received)
            if length > FRAME_LIMIT:
                return self.close(TOO_LARGE, f"expected frames of at most {FRAME_LIMIT} bytes")
            end = LENGTH.size + length
            if len(self._received) < end:
                return None
            self._take_frame(bytes(self._received[LENGTH.size : end]))
            del self._received[:end]
        return None

    def _take_frame(self, frame: bytes) -> None:
        """An empty frame only opens the stream."""
        self._last = self._clock()
        if not frame:
            return
        try:
            self.inbox.put_nowait(frame.decode())
        except UnicodeDecodeError:
            self.close(POLICY, "expected UTF-8")
        except asyncio.QueueFull:
            self.close(TRY_LATER, "too many frames wait")

    def check(self) -> None:
        """End the session when one of its times is over. To be called every second or so."""
        now = self._clock()
        waiting = self._backlog()
        if waiting == 0 or waiting < self._waited:
            self._moved = now
        self._waited = waiting
        if now - self._opened >= LIFETIME_SECONDS or now - self._last >= IDLE_SECONDS:
            self.close(GOING_AWAY, "Going away")
        elif waiting and now - self._moved >= STUCK_SECONDS:
            self.close(TRY_LATER, "the device takes nothing")

    def close(self, code: int = GOING_AWAY, reason: str = "") -> None:
        """End it from this side."""
        if not self.is_closed:
            self._wire.end(self.id, code, reason)
            self.ended(code, reason)

    def ended(self, code: int = 1005, reason: str = "") -> None:
        """Mark the session as closed, by either side; only the first call has an effect."""
        if not self.is_closed:
            self.is_closed = True
            self._on_closed(self, code, reason)
