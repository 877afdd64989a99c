"""A response is sent in one write, whatever its shape, and no data is held back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from emulation.one_write import JoiningTransport, OneWriteProtocol


class Written:
    """A transport that records its writes."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.writes.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


async def _written(*steps: bytes | None) -> Written:
    """The writes that a transport receives; ``None`` lets the event loop run once."""
    inner = Written()
    joining = JoiningTransport(inner, asyncio.get_running_loop())
    for step in steps:
        if step is None:
            await asyncio.sleep(0)
        else:
            joining.write(step)
    await asyncio.sleep(0)
    return inner


@pytest.mark.parametrize(
    ("steps", "writes"),
    [
        ((b"head", b"body"), [b"headbody"]),
        ((b"head",), [b"head"]),
        ((b"head", None, b"body"), [b"head", b"body"]),
        ((b"head", b""), [b"head"]),
        ((b"h1", b"b1", b"h2", b"b2"), [b"h1b1", b"h2b2"]),
        ((b"head", b"x" * 70_000), [b"head", b"x" * 70_000]),
    ],
)
def test_head_and_body_are_one_write(steps: tuple[bytes | None, ...], writes: list[bytes]) -> None:
    assert asyncio.run(_written(*steps)).writes == writes


def test_buffered_data_is_written_before_the_connection_closes() -> None:
    async def run() -> Written:
        inner = Written()
        joining = JoiningTransport(inner, asyncio.get_running_loop())
        joining.write(b"head")
        joining.close()
        return inner

    inner = asyncio.run(run())
    assert (inner.writes, inner.closed) == ([b"head"], True)


async def _app(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    path, answers = scope["path"], {"/204": (204, b""), "/empty": (200, b""), "/big": (200, b"x" * 300_000)}
    status, body = answers.get(path, (200, b"body"))
    headers = [] if path == "/chunked" else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [] if status == 204 else headers})
    if path == "/slow":
        await asyncio.sleep(0.01)
    await send({"type": "http.response.body", "body": body})


def test_every_shape_of_answer_arrives_whole_on_one_connection() -> None:
    async def run() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(_app, http=OneWriteProtocol, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname(), limit=1 << 20)
        for path, size in (("/plain", 4), ("/slow", 4), ("/empty", 0), ("/204", 0), ("/big", 300_000), ("/plain", 4)):
            writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            assert head.startswith(b"HTTP/1.1 2")
            assert len(await asyncio.wait_for(reader.readexactly(size), 30)) == size
        writer.write(b"GET /chunked HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 30)).endswith(b"4\r\nbody\r\n0\r\n\r\n")
        writer.close()
        server.should_exit = True
        await serving

    asyncio.run(run())
