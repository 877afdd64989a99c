"""HTTP/3 and WebTransport on aioquic: accepts sessions and moves bytes; ``session`` interprets them.

Sources: draft-ietf-webtrans-http3-02 (what Chromium speaks to servers that offer it), RFC 9220, RFC 9297 (capsules).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import stream_is_unidirectional
from aioquic.quic.events import ConnectionTerminated, ProtocolNegotiated, QuicEvent, StreamReset

from emulation.guard import Judge
from emulation.webtransport.functions import Refused
from emulation.webtransport.session import Session

#: Browsers give a silent connection up after half a minute; the app's own ping comes every four.
PING_SECONDS = 12.0
IDLE_TIMEOUT = 40.0
_CLOSE_CAPSULE = b"\x68\x43"
#: Between the end of the session, which says why, and that of the connection.
_LINGER_SECONDS = 0.5


@dataclass(frozen=True)
class Asked:
    """A CONNECT request for a session."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    address: str


Accept = Callable[[Asked, int, "Connection"], Awaitable[Session]]


def configuration(certificate_file: str) -> QuicConfiguration:
    """A server that offers HTTP/3 with WebTransport."""
    made = QuicConfiguration(
        alpn_protocols=H3_ALPN, is_client=False, max_datagram_frame_size=65536, idle_timeout=IDLE_TIMEOUT
    )
    made.load_cert_chain(certificate_file)
    return made


class Connection(QuicConnectionProtocol):
    """One QUIC connection; ``Wire`` of its sessions.

    ``judge`` refuses what foreign pages ask for; ``accept`` decides on each session and raises ``Refused``.
    """

    def __init__(self, *args: Any, judge: Judge, accept: Accept, **named: Any) -> None:
        super().__init__(*args, **named)
        self._judge = judge
        self._accept = accept
        self._http: H3Connection | None = None
        self._sessions: dict[int, Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self._http = H3Connection(self._quic, enable_webtransport=True)
            self._start(self._keep_alive())
        elif isinstance(event, ConnectionTerminated):
            self._over(event.reason_phrase)
        elif isinstance(event, StreamReset):
            for session in list(self._sessions.values()):
                session.close()
        if self._http is not None:
            for one in self._http.handle_event(event):
                self._h3_event(one)

    def _h3_event(self, event: H3Event) -> None:
        if isinstance(event, HeadersReceived):
            self._start(self._answer(event.stream_id, dict(event.headers)))
        elif isinstance(event, WebTransportStreamDataReceived):
            session = self._sessions.get(event.session_id)
            if session is not None and not stream_is_unidirectional(event.stream_id):
                session.take(event.stream_id, event.data)
                if event.stream_ended:
                    session.close()
        elif isinstance(event, DataReceived) and event.stream_id in self._sessions:
            session = self._sessions[event.stream_id]
            if event.data[:2] == _CLOSE_CAPSULE or event.stream_ended:
                session.close(1000)

    async def _answer(self, stream: int, headers: dict[bytes, bytes]) -> None:
        asked = self._asked(headers)
        foreign = self._judge.refusal("CONNECT", asked.path if asked else "/", b"", headers.items())
        try:
            if foreign is not None:
                raise Refused(foreign.status)
            if asked is None:
                raise Refused(404)
            session = await self._accept(asked, stream, self)
        except Refused as refused:
            return self._head(stream, refused.status, end=True)
        if session.is_closed:
            return None
        if self._closed.is_set():
            return session.ended()
        self._sessions[stream] = session
        return self._head(stream, 200, end=False)

    def _asked(self, headers: dict[bytes, bytes]) -> Asked | None:
        if headers.get(b":method") != b"CONNECT" or headers.get(b":protocol") != b"webtransport":
            return None
        parts = urlsplit(headers.get(b":path", b"/").decode("latin-1"))
        plain = {k.decode("latin-1"): v.decode("latin-1") for k, v in headers.items() if not k.startswith(b":")}
        return Asked(parts.path, dict(parse_qsl(parts.query)), plain, self._address())

    def _address(self) -> str:
        paths = getattr(self._quic, "_network_paths", None) or ()
        return str(paths[0].addr[0]) if paths else ""

    def _head(self, stream: int, status: int, *, end: bool) -> None:
        assert self._http is not None
        headers = [(b":status", str(status).encode()), (b"sec-webtransport-http3-draft", b"draft02")]
        self._http.send_headers(stream, headers, end_stream=end)
        self._transmit_soon()

    def write(self, stream: int, data: bytes) -> None:
        self._quic.send_stream_data(stream, data)
        self._transmit_soon()

    def waiting(self, stream: int) -> int:
        """From the sender's own bookkeeping: aioquic has no public name for it (a unit test holds that it is there)."""
        sender = self._quic._streams[stream].sender if stream in self._quic._streams else None
        return 0 if sender is None else int(sender._buffer_stop - sender._buffer_start)

    def end(self, session_id: int, code: int, reason: str) -> None:
        self._sessions.pop(session_id, None)
        if self._http is None or self._closed.is_set():
            return
        content = code.to_bytes(4, "big") + reason.encode()[:1024]
        # A capsule is type, length and content; a length up to 16,383 is two bytes whose first bits are 01.
        capsule = _CLOSE_CAPSULE + (0x4000 | len(content)).to_bytes(2, "big") + content
        self._http.send_data(session_id, capsule, end_stream=True)
        self._transmit_soon()
        if not self._sessions:
            self._loop.call_later(_LINGER_SECONDS, self.close)

    def _over(self, reason: str) -> None:
        for task in self._tasks:
            task.cancel()
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            session.ended(1006, reason)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            self._quic.send_ping(0)
            self.transmit()

    def _start(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
