"""Time limits of a proxied WebSocket, against a real server in place of the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from emulation.edge import websocket
from emulation.edge.apis import Api, parse_stage
from emulation.edge.gateway_metrics import GatewayMetrics
from emulation.edge.open_sockets import device_of
from emulation.edge.routes import RouteTable
from emulation.edge.websocket import WebSocketFront

APIS = {"ws": Api("ws", "", "WEBSOCKET", RouteTable(["$default"]), {"live": parse_stage({"stageName": "live"})})}
Message = MutableMapping[str, Any]


class Viewer:
    """The browser side of a connection, as an ASGI server sees it."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.inbox.put_nowait({"type": "websocket.connect"})

    async def next(self) -> Message:
        async with asyncio.timeout(60):
            return await self.sent.get()


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        if message == "leave":
            await connection.close(4001, "bye")
            return
        await connection.send(message)


@asynccontextmanager
async def joined(api_id: str = "ws", **limits: float) -> AsyncIterator[tuple[Viewer, WebSocketFront]]:
    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        front = WebSocketFront(f"http://127.0.0.1:{port}", lambda: APIS, lambda: True, GatewayMetrics(), **limits)
        viewer = Viewer()
        headers = [(b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")]
        scope: Message = {"type": "websocket", "headers": headers, "query_string": b"", "client": None, "server": None}
        task = asyncio.create_task(front.handle(scope, viewer.inbox.get, viewer.sent.put, api_id, "live"))
        try:
            yield viewer, front
        finally:
            viewer.inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
            await asyncio.wait_for(task, 60)


async def test_messages_pass_both_ways_and_are_counted() -> None:
    async with joined() as (viewer, front):
        assert (await viewer.next())["type"] == "websocket.accept"
        assert front.open_connections == 1
        viewer.inbox.put_nowait({"type": "websocket.receive", "text": "hello"})
        assert (await viewer.next())["text"] == "hello"
        viewer.inbox.put_nowait({"type": "websocket.receive", "bytes": b"\x00"})
        assert (await viewer.next())["bytes"] == b"\x00"
        (shown,) = front.open.described()
        assert (shown["device"], shown["stage"], shown["received"], shown["sent"]) == ("Firefox on Linux", "live", 2, 2)
        assert "ticket" not in str(shown)
    assert front.open_connections == 0
    assert front.open.described() == []
    counted = {one["MetricName"]: sum(one["Counts"]) for one in front.metrics.take() if len(one["Dimensions"]) == 2}
    assert counted == {"ConnectCount": 1, "MessageCount": 4}


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("python-websockets/15", "python-websockets/15"),
        ("", "unknown"),
    ],
)
def test_a_device_has_the_name_of_its_browser_and_system(agent: str, device: str) -> None:
    assert device_of(agent) == device


@pytest.mark.parametrize("limits", [{"idle": 0.2}, {"lifetime": 0.2}])
async def test_idle_and_old_sockets_are_closed_with_going_away(limits: dict[str, float]) -> None:
    async with joined(**limits) as (viewer, _):
        await viewer.next()
        assert await viewer.next() == {"type": "websocket.close", "code": 1001, "reason": "Going away"}


async def test_a_message_keeps_a_socket_from_being_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock advances only between messages, up to just below the idle limit."""
    clock = SimpleNamespace(now=1000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(websocket, "time", clock)
    idle = 0.02
    async with joined(idle=idle) as (viewer, _):
        await viewer.next()
        for _ in range(5):
            clock.now += 0.9 * idle
            await asyncio.sleep(2 * idle)  # the socket reads its clock meanwhile
            viewer.inbox.put_nowait({"type": "websocket.receive", "text": "x"})
            assert (await viewer.next())["type"] == "websocket.send"
        clock.now += 2 * idle
        assert (await viewer.next())["code"] == 1001


async def test_a_close_of_the_other_side_keeps_its_code() -> None:
    async with joined() as (viewer, _):
        await viewer.next()
        viewer.inbox.put_nowait({"type": "websocket.receive", "text": "leave"})
        assert await viewer.next() == {"type": "websocket.close", "code": 4001, "reason": "bye"}


async def test_an_unknown_api_is_forbidden() -> None:
    async with joined("other") as (viewer, _):
        answer = await viewer.next()
        assert (answer["type"], answer["status"]) == ("websocket.http.response.start", 403)
