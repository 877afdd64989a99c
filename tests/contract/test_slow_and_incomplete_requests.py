"""Slow and incomplete requests are ended; others are not affected."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from emulation import listening
from emulation.emulator.direct_protocol import answering
from emulation.listening import PatientProtocol
from kit.settings import checkout_root

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Acting = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WAIT = 0.2
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADER_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(listening, name, WAIT)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": str((await receive()).get("text"))})
        return
    if scope["path"] == "/host":
        host = dict(scope["headers"])[b"host"]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-host", host)]})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * WAIT)
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def connection() -> AsyncIterator[Streams]:
    config = uvicorn.Config(application, port=0, http=PatientProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with contextlib.suppress(AttributeError):
        config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    try:
        yield reader, writer
    finally:
        writer.close()
        await server.shutdown()


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    """The bytes up to the close. Data sent after the server closed resets the connection; that counts as closed."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := await reader.read(4096):
            found += part
    return found


def told(act: Acting) -> bytes:
    """All bytes that the server sent until it closed the connection."""

    async def run() -> bytes:
        async with connection() as (reader, writer):
            acting = asyncio.ensure_future(act(reader, writer))
            found = await asyncio.wait_for(_until_closed(reader), 60)
            acting.cancel()
            return found

    return asyncio.run(run())


def sending(*parts: bytes, every: float = 0.0) -> Acting:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(every)

    return act


@pytest.mark.parametrize("part", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: loc", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_incomplete_headers_end_the_connection(part: bytes) -> None:
    answer = told(sending(part))
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"Expected the whole headers within' in answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTT", b"408 Request Timeout"),
        (b"\x16\x03\x01\x02\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400 Bad Request"),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400 Bad Request",
        ),
    ],
)
def test_malformed_requests_are_refused_with_security_headers(sent: bytes, status: bytes) -> None:
    answer = told(sending(sent))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    for name in (b"x-content-type-options: nosniff", b"x-frame-options: DENY", b"connection: close"):
        assert name in head.split(b"\r\n")
    assert json.loads(body)["message"]


def test_trickling_headers_end_the_connection() -> None:
    letters = (bytes([one]) for one in b"GET / HTTP/1.1\r\nX: " + b"x" * 500)
    answer = told(sending(*letters, every=WAIT / 10))
    assert b" 408 " in answer or not answer


@pytest.mark.parametrize("every", [0.0, WAIT / 5])
def test_half_of_a_body_or_one_that_trickles_ends(every: float) -> None:
    answer = told(sending(HEAD, *[b"x"] * 200, every=every))
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n") or (every and not answer)


def test_the_second_request_of_a_connection_is_watched_too() -> None:
    answer = told(sending(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP", every=WAIT / 4))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 408 Request Timeout\r\n" in answer


async def _ask(*parts: bytes, every: float = 0.0) -> bytes:
    async with connection() as (reader, writer):
        await sending(*parts, every=every)(reader, writer)
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60) + await reader.read(6)


def test_a_slow_body_that_moves_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transfer lasts longer than the timeout; the timeout is long enough for a busy machine not to exceed it."""
    wait = 2.0
    monkeypatch.setattr(listening, "BODY_SECONDS", wait)
    parts = [b"x" * 5_000] * 20
    assert asyncio.run(_ask(HEAD, *parts, every=wait / 16)).endswith(b"100000")


def test_a_slow_application_is_not_timed_out() -> None:
    slow = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    assert asyncio.run(_ask(slow)).startswith(b"HTTP/1.1 200 OK")
    big = HEAD.replace(b"POST /", b"POST /slow") + b"x" * 100_000
    assert asyncio.run(_ask(big)).endswith(b"100000")


def test_a_socket_may_be_silent() -> None:
    async def run() -> bytes:
        async with connection() as (reader, writer):
            writer.write(
                b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            opened = await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(3 * WAIT)
            writer.write(b"\x81\x82\0\0\0\0hi")
            return opened + await asyncio.wait_for(reader.readexactly(4), 60)

    found = asyncio.run(run())
    assert found.startswith(b"HTTP/1.1 101 ")
    assert found.endswith(b"\x81\x02hi")


@pytest.mark.parametrize("target", [b"http://evil.test/host", b"https://evil.test/host?x", b"HTTP://evil.test/host"])
def test_the_host_of_an_absolute_url_target_counts(target: bytes) -> None:
    """RFC 9112, 3.2.2: the guard judges the target's host, and ignores the Host header."""
    found = asyncio.run(_ask(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    assert b"x-host: evil.test\r\n" in found


def test_every_server_uses_the_patient_protocol() -> None:
    sources = [path for path in (checkout_root() / "emulation").rglob("*.py") if "uvicorn." in path.read_text("utf-8")]
    starts = [path for path in sources if re.search(r"uvicorn\.(run|Config)\((?!http)", path.read_text("utf-8"))]
    assert len(starts) >= 3
    patient = re.compile(r"http\"?[=:] ?(PatientProtocol|answering\()")
    assert [str(path) for path in starts if not patient.search(path.read_text("utf-8"))] == []
    assert issubclass(answering(lambda data, client: None), PatientProtocol)
