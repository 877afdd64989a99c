"""The in-process API as an ASGI application, for tools that speak HTTP: ``/openapi.json`` and everything below it."""

from __future__ import annotations

import base64
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.gateway import Caller, Request, send

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]


class GatewayApp:
    """``caller`` makes all requests from now on; ``served`` counts them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.caller = Caller(None)
        self.served = 0
        self.asgi = Starlette(
            routes=[
                Route("/openapi.json", lambda _: JSONResponse(self.document)),
                Route("/{path:path}", self._answer, methods=_METHODS),
            ]
        )

    async def _answer(self, request: HttpRequest) -> Response:
        self.served += 1
        content = await request.body()
        asked = Request(
            request.method,
            request.scope["raw_path"].decode("ascii").partition("?")[0],
            request.scope["query_string"].decode("latin-1"),
            dict(request.headers),
            content or None,
        )
        answer = await run_in_threadpool(send, self.caller, asked)
        body = answer.get("body") or ""
        data = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
        return Response(data, answer["statusCode"], answer.get("headers", {}))
