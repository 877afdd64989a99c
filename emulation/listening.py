"""The HTTP side of every listener: requests that are sent too slowly, or incompletely, time out.

uvicorn waits for the rest of a request without a limit, and keeps each such connection. Sources: RFC 9110, section
15.5.9 (408 Request Timeout); RFC 9112, section 9.5 (a server closes what it does not want to wait for).
"""

from __future__ import annotations

import asyncio
import enum
import json
import re
from typing import Any

from emulation.guard import REFUSAL_HEADERS
from emulation.one_write import OneWriteProtocol

#: From the first byte of a request, or the start of the connection, to the end of the headers.
HEADER_SECONDS = 20.0
#: In each such time a body brings at least so many bytes, or its end.
BODY_SECONDS, BODY_LEAST = 20.0, 4096

_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_TIMEOUT, _BAD_REQUEST = b"408 Request Timeout", b"400 Bad Request"
_HEADERS = b"".join(b"%b: %b\r\n" % pair for pair in ((b"content-type", b"application/json"), *REFUSAL_HEADERS))


class Part(enum.Enum):
    """The part of a request that is awaited."""

    NOTHING = 0
    HEADERS = 1
    BODY = 2


class PatientProtocol(OneWriteProtocol):
    """uvicorn's protocol, with time limits and responses in one write.

    A request that comes whole in one piece sets no timer.
    """

    awaited = Part.HEADERS
    received = 0
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look_later()

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)
        if self.awaited is Part.NOTHING:
            self._stop_looking()
        elif self._watch is None and not self.transport.is_closing():
            self.received = 0
            self._look_later()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.awaited = Part.HEADERS

    def on_headers_complete(self) -> None:
        if found := _ABSOLUTE.match(self.url):
            # RFC 9112, 3.2.2: the target's host counts, whatever Host says. In place: the scope has this list.
            self.headers[:] = [(b"host", found[1]), *(pair for pair in self.headers if pair[0] != b"host")]
        super().on_headers_complete()
        is_upgrade = self.parser.should_upgrade() and self._should_upgrade()
        self.awaited = Part.NOTHING if is_upgrade else Part.BODY
        self._stop_looking()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.awaited = Part.NOTHING

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_looking()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        seconds = HEADER_SECONDS if self.awaited is Part.HEADERS else BODY_SECONDS
        self._watch = self.loop.call_later(seconds, self._look)

    def _stop_looking(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self) -> None:
        """A client that waits for us to read its body is not slow; uvicorn closes idle keep-alive connections."""
        self._watch = None
        if self.awaited is Part.NOTHING or self.transport.is_closing():
            return
        is_moving = self.received >= BODY_LEAST or self.flow.read_paused
        if self.awaited is Part.BODY and is_moving:
            self.received = 0
            self._look_later()
            return
        self._give_up()

    def _give_up(self) -> None:
        if self.awaited is Part.HEADERS or not self.cycle.response_started:
            expected = "the whole headers" if self.awaited is Part.HEADERS else f"{BODY_LEAST} bytes of the body"
            seconds = HEADER_SECONDS if self.awaited is Part.HEADERS else BODY_SECONDS
            self._refuse(_TIMEOUT, f"Expected {expected} within {seconds:.0f} seconds")
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """uvicorn's response before any application, with the headers of our other refusals."""
        self._refuse(_BAD_REQUEST, msg)
        self.transport.close()

    def _refuse(self, status: bytes, message: str) -> None:
        body = json.dumps({"message": message}).encode()
        head = b"HTTP/1.1 %b\r\n%bconnection: close\r\ncontent-length: %d\r\n\r\n" % (status, _HEADERS, len(body))
        self.transport.write(head + body)
