"""The ASGI application of the gateway front (port 8081).

``/_api/{apiId}/…`` HTTP APIs · ``/_ws/{apiId}/{stage}`` WebSocket APIs · ``/_cognito/`` and
``/_cognito-identity/`` · signed AWS calls at any other path · ``/_health``, ``/_sockets``, ``/_metrics``,
``/_reload``, ``/_fault``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from emulation.aws.messages import Receive, Request, Response, Scope, Send, respond
from emulation.edge.aws_front import COGNITO_PATHS, AwsFront, is_discovery, is_signed, preflight
from emulation.edge.cors import is_preflight
from emulation.edge.deployed import Deployed
from emulation.edge.http_api import HttpApiFront, message
from emulation.edge.logs import log
from emulation.edge.websocket import WebSocketFront, refuse

_API_PREFIX = "/_api/"


def json_answer(status: int, content: dict[str, Any]) -> Response:
    return Response(status, [(b"content-type", b"application/json")], json.dumps(content).encode())


class Administration:
    """``/_health``, ``/_sockets``, ``/_metrics``, ``/_reload`` and ``/_fault``, the same on every port."""

    def __init__(self, deployed: Deployed, http: HttpApiFront, sockets: WebSocketFront) -> None:
        self._deployed = deployed
        self._http = http
        self._sockets = sockets
        self.notes: dict[str, Any] = {}
        #: Ends a fault that shall end by itself.
        self._ending: asyncio.TimerHandle | None = None
        #: Called by a reload; returns how many cached objects were dropped.
        self.empty_cache: Callable[[], int] = lambda: 0

    async def answer(self, request: Request) -> Response | None:
        """The answer to an administrative request, or None when it is none."""
        if request.target == "/_health":
            return self._health()
        if request.target == "/_sockets" and request.method == "GET":
            return json_answer(200, {"sockets": self._sockets.open.described()})
        if request.target == "/_metrics" and request.method == "POST":
            return json_answer(200, {"metrics": self._http.metrics.take()})
        if request.target == "/_reload" and request.method == "POST":
            found = await self._deployed.refresh(force=True)
            dropped = self.empty_cache()
            return json_answer(200 if found else 503, {"reloaded": found, "dropped": dropped, **self._counts()})
        if request.target == "/_fault" and request.method == "POST":
            return await self._fault(request)
        return None

    def _counts(self) -> dict[str, Any]:
        return {"apis": sorted(self._deployed.apis), "distributions": sorted(self._deployed.distributions)}

    def _health(self) -> Response:
        ready = self._deployed.reads > 0
        status = "ok" if self._deployed.reachable else ("degraded" if ready else "starting")
        details = {
            "emulator": self._deployed.reachable,
            "webSockets": self._sockets.open_connections,
            "functions": self._http.invokes_by,
            **self._counts(),
        }
        return json_answer(200, {"service": "edge", "status": status, **details, **self.notes})

    async def _fault(self, request: Request) -> Response:
        """``{"gateway":"down"}`` makes every API answer 503 until ``{"gateway":"up"}``, or for ``"seconds"``."""
        try:
            document = json.loads(await request.body(4096))
            wanted, seconds = document.get("gateway"), document.get("seconds")
        except (ValueError, AttributeError):
            wanted = seconds = None
        if wanted not in ("down", "up") or not (seconds is None or (isinstance(seconds, int) and seconds > 0)):
            expected = 'Expected {"gateway":"down"} or {"gateway":"up"}, with "seconds" if it shall end by itself'
            return json_answer(400, {"message": expected})
        self._turn(wanted)
        if wanted == "down" and seconds:
            self._ending = asyncio.get_running_loop().call_later(seconds, self._turn, "up")
        return json_answer(200, {"gateway": wanted})

    def _turn(self, wanted: str) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self._http.down = self._sockets.down = wanted == "down"
        log("fault", gateway=wanted)


class GatewayApp:
    """Dispatches by path."""

    def __init__(self, http: HttpApiFront, sockets: WebSocketFront, aws: AwsFront, admin: Administration) -> None:
        self._http = http
        self._sockets = sockets
        self._aws = aws
        self._admin = admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request.from_scope(scope, receive)
            try:
                answer = await self._route(request)
            except ConnectionResetError:
                return
            await respond(answer, send, head=request.method == "HEAD")
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)

    async def _route(self, request: Request) -> Response:
        target = request.target
        if target.startswith(_API_PREFIX):
            api_id, _, rest = target[len(_API_PREFIX) :].partition("/")
            return await self._http.handle(api_id, "/" + rest, request)
        host = request.text_header(b"host")
        if ".execute-api." in host:
            return await self._http.handle(host.split(".", 1)[0], target, request)
        for prefix in COGNITO_PATHS:
            if target == prefix or target.startswith(prefix + "/"):
                return await self._aws.cognito(target[len(prefix) :], request)
        if is_discovery(target, request):
            return await self._aws.discovery(target, request)
        if is_signed(request):
            return await self._aws.signed(request)
        if is_preflight(request):
            return preflight()
        return await self._admin.answer(request) or message(404, "Not Found")

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = scope["path"].strip("/").split("/")
        if len(parts) == 3 and parts[0] == "_ws":
            await self._sockets.handle(scope, receive, send, parts[1], parts[2])
        else:
            await receive()
            await refuse(send, 403, "Forbidden")
