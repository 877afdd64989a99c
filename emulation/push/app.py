"""The push service's web application."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, Field

from emulation.push.mozilla import Agents
from emulation.push.store import PushStore
from emulation.push.subscriptions import RealBrowser, Subscription
from emulation.push.vapid import NotIdentified, identify

_PAGE = Path(__file__).parent / "static" / "index.html"
#: RFC 8030, section 7.2: a push service must take at least 4096 bytes; those of the browsers take no more.
_BODY_LIMIT = 4096
_SHOWN_HEADERS = ("ttl", "urgency", "topic", "content-encoding")


class Subscribing(BaseModel):
    """``origin``: the address for senders, if it differs from that of the request."""

    origin: str | None = None
    application_server_key: str | None = None


class Behaviour(BaseModel):
    """``status`` to answer pushes with; null takes them again. ``delay_seconds`` before any answer."""

    status: int | None = None
    delay_seconds: float = Field(default=0, ge=0, le=60)


def create_app(store: PushStore) -> FastAPI:
    """Assemble the service."""
    app = FastAPI(title="Push service", docs_url=None, redoc_url=None, openapi_url=None)
    agents = Agents(store)
    _add_push_route(app, store, agents)
    _add_browser_routes(app, store)

    @app.get("/_health")
    def health() -> dict[str, Any]:
        return {"service": "push", "status": "ok", **store.describe(), "browsers": len(agents)}

    @app.get("/")
    def page() -> FileResponse:
        return FileResponse(_PAGE)

    @app.websocket("/")
    async def firefox(connection: WebSocket) -> None:
        """Firefox, told by ``dom.push.serverURL`` to come here."""
        await agents.serve(connection)

    @app.get("/messages")
    async def messages() -> list[dict[str, Any]]:
        """Latest pushes of all subscriptions, the newest first."""
        return [message.to_json() for message in reversed(store.messages)]

    return app


def _add_push_route(app: FastAPI, store: PushStore, agents: Agents) -> None:
    @app.post("/push/{subscription_id}")
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


def _add_browser_routes(app: FastAPI, store: PushStore) -> None:
    def known(subscription_id: str) -> Subscription | JSONResponse:
        return store.find(subscription_id) or _refused(404, "subscription not found: POST /subscriptions first")

    @app.post("/subscriptions", status_code=201)
    async def subscribe(request: Request, body: Subscribing | None = None) -> dict[str, Any]:
        """Subscribe a virtual browser; the response is that of ``pushManager.subscribe()``."""
        asked = body or Subscribing()
        origin = (asked.origin or str(request.base_url)).rstrip("/")
        return store.subscribe(origin, asked.application_server_key).to_json()

    @app.delete("/subscriptions/{subscription_id}")
    async def unsubscribe(subscription_id: str) -> Response:
        return Response(status_code=204 if store.unsubscribe(subscription_id) else 404)

    @app.put("/subscriptions/{subscription_id}/behaviour")
    async def behave(subscription_id: str, body: Behaviour) -> Response:
        """For drills: refuse pushes with a status."""
        found = known(subscription_id)
        if isinstance(found, JSONResponse):
            return found
        found.refusal, found.delay_seconds = body.status, body.delay_seconds
        return Response(status_code=204)

    @app.get("/subscriptions/{subscription_id}/messages")
    async def messages(subscription_id: str) -> Response:
        found = known(subscription_id)
        if isinstance(found, JSONResponse):
            return found
        return JSONResponse([message.to_json() for message in store.of(subscription_id)])
