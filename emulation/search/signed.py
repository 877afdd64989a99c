"""Accepts only signed requests, as Amazon OpenSearch Service does; the emulator identifies the signer.

Used when ``EMULATION_STRICT`` is ``yes``. Source: Amazon OpenSearch Service Developer Guide, "Signing HTTP requests to
Amazon OpenSearch Service".
"""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from typing import Any

import aiohttp
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from emulation.guard import HELPER_HEADERS

_SECONDS = 10
#: Asked by the kit, which AWS does not have.
_HEALTH = "/_health"


class Signed:
    """ASGI middleware; ``emulator`` is the base URL of the AWS APIs."""

    def __init__(self, app: ASGIApp, emulator: str) -> None:
        self._app, self._url = app, f"{emulator}/_asyncsns/signature"
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._until_the_end(scope, receive, send)
            return
        if scope["type"] != "http" or scope["path"] == _HEALTH:
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        try:
            refused = await self._refusal(scope, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            answer = {"message": f"The signature could not be checked: {type(error).__name__}"}
            await JSONResponse(answer, 503)(scope, receive, send)
            return
        if refused is not None:
            await JSONResponse({"message": refused}, 403)(scope, receive, send)
            return
        await self._app(scope, _replaying(body, receive), send)

    async def _until_the_end(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if self._session is not None:
                await self._session.close()

    async def _refusal(self, scope: Scope, body: bytes) -> str | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))
        asked = {
            "method": scope["method"],
            "path": scope["raw_path"].decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "headers": {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            "payload": hashlib.sha256(body).hexdigest(),
        }
        async with self._session.post(self._url, json=asked, headers=HELPER_HEADERS) as answer:
            answer.raise_for_status()
            found: str | None = (await answer.json())["refused"]
        return found


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
