"""The push service's web application."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from emulation.push.mozilla import Agents
from emulation.push.store import PushStore
from emulation.push.subscriptions import RealBrowser, Subscription
from emulation.push.vapid import NotIdentified, identify
from emulation.routes import Routes

_PAGE = Path(__file__).parent / "static" / "index.html"
#: RFC 8030, section 7.2: a push service must take at least 4096 bytes; those of the browsers take no more.
_BODY_LIMIT = 4096
_SHOWN_HEADERS = ("ttl", "urgency", "topic", "content-encoding")


async def _fields(request: Request) -> dict[str, Any]:
    """The body as an object, ``{}`` when it is empty or null."""
    try:
        found = json.loads(await request.body() or b"null")
    except ValueError:
        found = ""
    _require(found is None or isinstance(found, dict), "expected a JSON object")
    return dict(found or {})


def _require(is_right: bool, otherwise: str) -> None:
    if not is_right:
        raise HTTPException(422, otherwise)


def create_app(store: PushStore) -> Starlette:
    """Assemble the service."""
    routes = Routes()
    agents = Agents(store)
    _add_push_route(routes, store, agents)
    _add_browser_routes(routes, store)

    @routes.get("/_health")
    def health() -> dict[str, Any]:
        return {"service": "push", "status": "ok", **store.describe(), "browsers": len(agents)}

    @routes.get("/")
    def page() -> FileResponse:
        return FileResponse(_PAGE)

    async def firefox(connection: WebSocket) -> None:
        """Firefox, told by ``dom.push.serverURL`` to come here."""
        await agents.serve(connection)

    routes.append(WebSocketRoute("/", firefox))

    @routes.get("/messages")
    async def messages() -> list[dict[str, Any]]:
        """Latest pushes of all subscriptions, the newest first."""
        return [message.to_json() for message in reversed(store.messages)]

    return Starlette(routes=routes, exception_handlers={HTTPException: _refuse})


async def _refuse(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _refused(error.status_code, error.detail)


def _add_push_route(routes: Routes, store: PushStore, agents: Agents) -> None:
    @routes.post("/push/{subscription_id}")
    async def push(subscription_id: str, request: Request) -> Response:
        """Take one push (RFC 8030, section 5)."""
        subscription = store.find(subscription_id)
        if subscription is None:
            return _refused(410, "subscription unknown or expired: subscribe again")
        await asyncio.sleep(subscription.delay_seconds)
        if subscription.refusal is not None:
            return _refused(subscription.refusal, "refused on request of a drill")
        fault = _header_fault(request)
        if fault:
            return _refused(400, fault)
        body = await request.body()
        if len(body) > _BODY_LIMIT:
            return _refused(413, f"expected at most {_BODY_LIMIT} bytes, got {len(body)}")
        try:
            sender = identify(request.headers.get("authorization"), subscription.origin)
        except NotIdentified as error:
            return _refused(error.status, str(error))
        if subscription.server_key and subscription.server_key.rstrip("=") != sender.key:
            return _refused(403, "the key is not the one that the browser subscribed with")
        headers = {name: request.headers[name] for name in _SHOWN_HEADERS if name in request.headers}
        message = store.receive(subscription, body, headers, sender.subject)
        if isinstance(subscription, RealBrowser):
            await agents.deliver(subscription.agent)
        return Response(status_code=201, headers={"location": f"{subscription.origin}/messages/{message.id}"})


def _header_fault(request: Request) -> str | None:
    if not request.headers.get("ttl", "").isdigit():
        return "TTL: expected a number of seconds (RFC 8030, section 5.2)"
    if request.headers.get("content-encoding") != "aes128gcm":
        return "Content-Encoding: expected aes128gcm (RFC 8291)"
    if len(request.headers.get("topic", "")) > 32:
        return "Topic: expected at most 32 characters (RFC 8030, section 5.4)"
    return None


def _refused(status: int, reason: str) -> JSONResponse:
    return JSONResponse({"status": status, "reason": reason}, status_code=status)


def _add_browser_routes(routes: Routes, store: PushStore) -> None:
    def known(subscription_id: str) -> Subscription | JSONResponse:
        return store.find(subscription_id) or _refused(404, "subscription not found: POST /subscriptions first")

    @routes.post("/subscriptions")
    async def subscribe(request: Request) -> Response:
        """Subscribe a virtual browser; the response is that of ``pushManager.subscribe()``.

        ``origin`` is the address for senders, if it differs from that of the request; ``application_server_key`` is
        the key of the only sender. Both may be left out.
        """
        asked = await _fields(request)
        origin, key = asked.get("origin"), asked.get("application_server_key")
        _require(isinstance(origin, str | None), "origin: expected a text")
        _require(isinstance(key, str | None), "application_server_key: expected a text")
        made = store.subscribe((origin or str(request.base_url)).rstrip("/"), key)
        return JSONResponse(made.to_json(), status_code=201)

    @routes.delete("/subscriptions/{subscription_id}")
    async def unsubscribe(subscription_id: str) -> Response:
        return Response(status_code=204 if store.unsubscribe(subscription_id) else 404)

    @routes.put("/subscriptions/{subscription_id}/behaviour")
    async def behave(subscription_id: str, request: Request) -> Response:
        """For drills: ``status`` to answer pushes with; null takes them again. ``delay_seconds`` before any answer."""
        asked = await _fields(request)
        status, seconds = asked.get("status"), asked.get("delay_seconds", 0)
        _require(status is None or type(status) is int, "status: expected a number or null")
        _require(type(seconds) in (int, float) and 0 <= seconds <= 60, "delay_seconds: expected 0 to 60")
        found = known(subscription_id)
        if isinstance(found, JSONResponse):
            return found
        found.refusal, found.delay_seconds = status, float(seconds)
        return Response(status_code=204)

    @routes.get("/subscriptions/{subscription_id}/messages")
    async def messages(subscription_id: str) -> Response:
        found = known(subscription_id)
        if isinstance(found, JSONResponse):
            return found
        return JSONResponse([message.to_json() for message in store.of(subscription_id)])
