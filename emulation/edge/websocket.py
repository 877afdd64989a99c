"""The front of a WebSocket API: AWS's limits between the browser and the emulator's socket.

Source: "Quotas for configuring and running a WebSocket API in API Gateway": frames of 32 KB, messages of 128
KB, ten minutes idle, two hours a connection, 500 new connections a second. Frame and message sizes are
enforced by the server itself (``edge/__main__.py``), which closes with 1009.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from emulation.aws.messages import Headers, Receive, Scope, Send
from emulation.aws.socket_limits import IDLE_SECONDS, LIFETIME_SECONDS
from emulation.edge.apis import Api
from emulation.edge.gateway_metrics import GatewayMetrics
from emulation.edge.http_api import request_id
from emulation.edge.open_sockets import OpenSocket, OpenSockets
from emulation.edge.throttle import Buckets

CONNECT_RATE, CONNECT_BURST = 500.0, 500
#: Seconds that a viewer with something on its way may take nothing; then the connection is of no use to anyone.
STUCK_SECONDS = 10.0
#: Messages that are read ahead of a slow viewer; more wait at the emulator, which refuses them in the end.
_READ_AHEAD = 16

GOING_AWAY = 1001
TRY_LATER = 1013
#: Reserved by RFC 6455 for "no status" and "abnormal": a close frame must not carry them.
_NOT_SENDABLE = frozenset((1005, 1006, 1015))

_DROPPED = frozenset((b"host", b"connection", b"upgrade"))


@dataclass
class _Session:
    """One proxied socket; ``last`` is when a message last passed in either direction (monotonic seconds)."""

    api: Api
    scope: Scope
    receive: Receive
    send: Send
    last: float
    exact: bool
    shown: OpenSocket
    #: Counts one of a metric.
    counted: Callable[[str], None]


class WebSocketFront:
    """Accepts sockets at ``/_ws/{apiId}/{stage}`` and joins each to one of the emulator's."""

    def __init__(
        self,
        emulator: str,
        apis: Callable[[], dict[str, Api]],
        exact_frames: Callable[[], bool] = lambda: False,
        metrics: GatewayMetrics | None = None,
        idle: float = IDLE_SECONDS,
        lifetime: float = LIFETIME_SECONDS,
        stuck: float = STUCK_SECONDS,
    ) -> None:
        self._base = emulator.replace("http://", "ws://", 1)
        self._apis = apis
        self.metrics = metrics or GatewayMetrics()
        self._exact_frames = exact_frames
        self._idle = idle
        self._lifetime = lifetime
        self._stuck = stuck
        self._buckets = Buckets()
        self.open_connections = 0
        self.open = OpenSockets()
        self.down = False

    async def handle(self, scope: Scope, receive: Receive, send: Send, api_id: str, stage: str) -> None:
        """Serve one handshake and, when it is accepted, the connection until either side closes."""
        await receive()
        api = self._apis().get(api_id)
        if self.down:
            await refuse(send, 503, "Service Unavailable")
        elif api is None or api.protocol != "WEBSOCKET" or stage not in api.stages:
            await refuse(send, 403, "Forbidden")
        elif not self._buckets.take(f"connect/{api_id}", CONNECT_RATE, CONNECT_BURST):
            self.metrics.counted(api_id, stage, "ClientError")
            await refuse(send, 429, "Too Many Requests")
        else:
            shown = OpenSocket.of(api.name, stage, scope)
            counted = partial(self.metrics.counted, api_id, stage)
            session = _Session(api, scope, receive, send, time.monotonic(), self._exact_frames(), shown, counted)
            await self._join(session, stage)

    async def _join(self, session: _Session, stage: str) -> None:
        query = session.scope.get("query_string", b"").decode("latin-1")
        url = f"{self._base}/_aws/execute-api/{session.api.api_id}/{stage}" + (f"?{query}" if query else "")
        headers = _handshake_headers(session.scope["headers"], session.scope)
        try:
            upstream = await connect(
                url,
                additional_headers=headers,
                user_agent_header=None,
                compression=None,
                max_size=None,
                max_queue=_READ_AHEAD,
                ping_interval=None,
                open_timeout=30,
                close_timeout=1,
                proxy=None,
            )
        except InvalidStatus as error:
            by_integration = error.response.status_code not in (401, 403)
            session.counted("IntegrationError" if by_integration else "ClientError")
            text = _refusal_text(error.response.body, error.response.status_code)
            await refuse(session.send, error.response.status_code, text)
            return
        except (OSError, InvalidHandshake, TimeoutError):
            session.counted("ExecutionError")
            await refuse(session.send, 503, "Service Unavailable")
            return
        session.counted("ConnectCount")
        await session.send({"type": "websocket.accept"})
        self.open_connections += 1
        self.open.add(session.shown)
        try:
            await self._relay(session, upstream)
        finally:
            self.open_connections -= 1
            self.open.remove(session.shown)

    async def _relay(self, session: _Session, upstream: ClientConnection) -> None:
        """Relay frames until the viewer or the emulator closes, or the idle time or lifetime is over."""
        tasks = {
            asyncio.create_task(_viewer_to_emulator(session, upstream)),
            asyncio.create_task(self._emulator_to_viewer(session, upstream)),
            asyncio.create_task(self._watch_limits(session)),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            code, reason, from_viewer = next(iter(done)).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        sendable = code if code not in _NOT_SENDABLE else 1000
        with contextlib.suppress(OSError, ConnectionClosed):
            await upstream.close(sendable, reason)
        if not from_viewer:
            with contextlib.suppress(OSError, RuntimeError, TimeoutError):
                closing = session.send({"type": "websocket.close", "code": sendable, "reason": reason})
                await asyncio.wait_for(closing, 1)

    async def _watch_limits(self, session: _Session) -> tuple[int, str, bool]:
        end = time.monotonic() + self._lifetime
        while True:
            now = time.monotonic()
            if now >= end:
                return GOING_AWAY, "Going away", False
            if now - session.last >= self._idle:
                return GOING_AWAY, "Going away", False
            await asyncio.sleep(max(0.01, min(end - now, session.last + self._idle - now)))

    async def _emulator_to_viewer(self, session: _Session, upstream: ClientConnection) -> tuple[int, str, bool]:
        while True:
            try:
                data = await upstream.recv()
            except ConnectionClosed as closed:
                return *_close_of(closed), False
            session.last = time.monotonic()
            session.shown.sent += 1
            session.counted("MessageCount")
            shown = _message(data, session.exact)
            if shown.get("text", data) != data:
                session.counted("IntegrationError")
            try:
                await asyncio.wait_for(session.send(shown), self._stuck)
            except TimeoutError:
                return TRY_LATER, "the client takes nothing", False


def _message(data: str | bytes, exact: bool) -> dict[str, Any]:
    if isinstance(data, bytes):
        return {"type": "websocket.send", "bytes": data}
    return {"type": "websocket.send", "text": data if exact else safe_text(data)}


async def _viewer_to_emulator(session: _Session, upstream: ClientConnection) -> tuple[int, str, bool]:
    while True:
        event = await session.receive()
        if event["type"] == "websocket.disconnect":
            return int(event.get("code") or 1005), event.get("reason") or "", True
        session.last = time.monotonic()
        session.shown.received += 1
        session.counted("MessageCount")
        text = event.get("text")
        try:
            await upstream.send(text if text is not None else event["bytes"])
        except ConnectionClosed as closed:
            return *_close_of(closed), False


def safe_text(text: str) -> str:
    """A frame as the client may see it.

    The emulator sends the error text of a failed handler to the client. Messages of this system are JSON objects, so
    any other frame is treated as such a leak and replaced by AWS's error frame.
    """
    if text[:1] in ("{", "["):
        return text
    return json.dumps(
        {"message": "Internal server error", "connectionId": "", "requestId": request_id().decode()},
        separators=(",", ":"),
    )


def _close_of(closed: ConnectionClosed) -> tuple[int, str]:
    """Code and reason of the emulator's side; a connection that broke becomes 1001, so that clients come back."""
    return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd is not None else (GOING_AWAY, "")


def _refusal_text(body: bytes | bytearray | None, status: int) -> str:
    try:
        return str(json.loads(bytes(body or b""))["message"])
    except (ValueError, KeyError, TypeError):
        return {401: "Unauthorized", 403: "Forbidden"}.get(status, "Internal server error")


def _handshake_headers(headers: Headers, scope: Scope) -> list[tuple[str, str]]:
    kept = [
        (k.decode("latin-1"), v.decode("latin-1"))
        for k, v in headers
        if k not in _DROPPED and not k.startswith(b"sec-websocket-")
    ]
    client = scope.get("client") or ("127.0.0.1", 0)
    server = scope.get("server") or ("127.0.0.1", 80)
    return [
        *kept,
        ("x-forwarded-for", client[0]),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", str(server[1])),
    ]


async def refuse(send: Send, status: int, text: str) -> None:
    """Answer the handshake with an HTTP error in API Gateway's words."""
    connection = os.urandom(11).hex()[:15] + "="
    body = json.dumps({"message": text, "connectionId": connection, "requestId": request_id().decode()}).encode()
    headers: Headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
