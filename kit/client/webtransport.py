"""A device on WebTransport (HTTP/3): one session, one bidirectional stream that carries the frames both ways.

A frame is a length of four bytes, big-endian, then as many bytes of UTF-8; see ``docs/emulation/webtransport.md``.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from typing import Any
from urllib.parse import quote, urlsplit

from aioquic.asyncio.client import connect as quic_connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, ProtocolNegotiated, QuicEvent, StreamDataReceived

from kit.client.links import OPEN_SECONDS, Closed, Refused

_LENGTH = struct.Struct(">I")


class Session(QuicConnectionProtocol):
    """The client's side of one WebTransport session."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.http: H3Connection | None = None
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._session_id = self._stream = -1
        self._received = bytearray()
        self.is_hanging = False

    def datagram_received(self, data: bytes | str, addr: Any) -> None:
        if not self.is_hanging:
            super().datagram_received(data, addr)

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic, enable_webtransport=True)
        if isinstance(event, ConnectionTerminated):
            self._over()
        if isinstance(event, StreamDataReceived) and event.stream_id == self._stream:
            # aioquic knows WebTransport streams by how they begin, and the answering half of ours begins with nothing.
            self._take(event.data, event.end_stream)
        elif self.http is not None:
            for one in self.http.handle_event(event):
                self._h3_event(one)

    def request(self, authority: str, path: str, *more: tuple[bytes, bytes]) -> None:
        """Ask for a session (extended CONNECT, RFC 9220); ``more`` are headers besides."""
        assert self.http is not None
        self._session_id = self._quic.get_next_available_stream_id()
        names = {"method": "CONNECT", "protocol": "webtransport", "scheme": "https", "authority": authority}
        headers = [(f":{name}".encode(), value.encode()) for name, value in (names | {"path": path}).items()]
        self.http.send_headers(self._session_id, [*headers, (b"sec-webtransport-http3-draft02", b"1"), *more])
        self.transmit()

    def open_stream(self) -> None:
        """A stream is there for the server when something came on it: an empty frame, which says nothing."""
        assert self.http is not None
        self._stream = self.http.create_webtransport_stream(self._session_id)
        self.send("")

    def send(self, text: str) -> None:
        data = text.encode()
        self._quic.send_stream_data(self._stream, _LENGTH.pack(len(data)) + data)
        self.transmit()

    def _h3_event(self, event: H3Event) -> None:
        if isinstance(event, HeadersReceived) and event.stream_id == self._session_id:
            status = int(dict(event.headers).get(b":status", b"0"))
            if not self.status.done():
                self.status.set_result(status)
        elif isinstance(event, DataReceived) and event.stream_id == self._session_id and event.data:
            self._over()

    def _take(self, data: bytes, is_last: bool) -> None:
        self._received += data
        while len(self._received) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._received)
            end = _LENGTH.size + length
            if len(self._received) < end:
                break
            self.frames.put_nowait(self._received[_LENGTH.size : end].decode())
            del self._received[:end]
        if is_last:
            self._over()

    def _over(self) -> None:
        if not self.status.done():
            self.status.set_result(503)
        self.frames.put_nowait(None)


class WebTransportLink:
    """A session with one stream. The certificate is not checked: the server is this machine's own."""

    def __init__(self, session: Session, manager: Any) -> None:
        self._session = session
        self._manager = manager

    @classmethod
    async def open(cls, url: str, ticket: str) -> WebTransportLink:
        """Raises ``Refused``."""
        parts = urlsplit(url)
        configuration = QuicConfiguration(
            alpn_protocols=H3_ALPN,
            is_client=True,
            max_datagram_frame_size=65536,
            verify_mode=ssl.CERT_NONE,
            server_name="localhost",
            idle_timeout=600,
        )
        host, port = parts.hostname or "", parts.port or 443
        manager = quic_connect(
            "127.0.0.1" if host == "localhost" else host, port, configuration=configuration, create_protocol=Session
        )
        session = await manager.__aenter__()
        assert isinstance(session, Session)
        session.request(f"{host}:{port}", f"{parts.path}?ticket={quote(ticket)}")
        try:
            status = await asyncio.wait_for(asyncio.shield(session.status), OPEN_SECONDS)
        except TimeoutError:
            status = 504
        if status != 200:
            await manager.__aexit__(None, None, None)
            raise Refused(status)
        session.open_stream()
        return cls(session, manager)

    async def send(self, text: str) -> None:
        self._session.send(text)

    async def recv(self) -> str:
        frame = await self._session.frames.get()
        if frame is None:
            self._session.frames.put_nowait(None)
            raise Closed("the session has ended")
        return frame

    def hang(self) -> None:
        self._session.is_hanging = True

    async def close(self) -> None:
        await self._manager.__aexit__(None, None, None)
