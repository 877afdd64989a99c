"""HTTP functions: FastAPI by way of Mangum, commands counted and done once; also beside the WebSocket API's events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from mangum import Mangum

from services.common.claims import user_of_http, user_of_socket
from services.common.entry.functions import Event, Handler
from services.common.entry.idempotency import Once
from services.common.errors import AccountSuspended, AppError, BadRequest, FieldError
from services.common.http import PROBLEM
from services.common.limits import CommandLimits, LimitReached
from services.common.observability import note, observed
from services.common.settings import CommandSettings
from services.common.sockets import Replies, SocketActions

_KEY_LIMIT = 64


def http_handler(app: FastAPI, settings: CommandSettings) -> Handler:
    """The handler of an HTTP function.

    A command with an ``Idempotency-Key`` acts once for the caller, route and key; a retry gets the first answer
    (24 h), the same key with another body 422, a retry while the first still runs 409. Answers of 5xx are not kept.
    Before all that it is counted (``limits``): 429 when there were too many, 403 for a suspended person; the headers of
    the count are on every answer to a counted request.
    """
    return observed(_Http(app, CommandLimits.of(settings), Once(settings)).handle)


def http_and_socket_handler(
    app: FastAPI,
    actions: SocketActions,
    replies: Callable[[], Replies],
    settings: CommandSettings,
    lifecycle: Mapping[str, Callable[[Event], Event]] | None = None,
) -> Handler:
    """The handler of a function that both the HTTP API and the WebSocket API call, told apart by the event's shape.

    ``lifecycle``: what ``CONNECT`` and ``DISCONNECT`` events do, in the function that gets them.
    """
    limits = CommandLimits.of(settings)
    http = _Http(app, limits, Once(settings))

    def handle(event: Event, context: Any) -> Any:
        if "http" in event["requestContext"]:
            return http.handle(event, context)
        note(caller=user_of_socket(event), operation=event["requestContext"].get("routeKey"))
        happened = (lifecycle or {}).get(event["requestContext"].get("eventType"))
        if happened is None:
            return actions.dispatch(event, replies(), limits)
        answer = happened(event)
        note(status=answer["statusCode"])
        return answer

    return observed(handle)


class _Http:
    """Counts a request, then answers it."""

    def __init__(self, app: FastAPI, limits: CommandLimits, once: Once) -> None:
        self._app, self._limits, self._once = app, limits, once
        self._mangum = Mangum(self._noting_the_route, lifespan="off", text_mime_types=_TEXT)

    def handle(self, event: Event, context: Any) -> Event:
        caller = user_of_http(event)
        # The route of the gateway, until the application finds its own; never the path itself, which has no bound.
        note(operation=event.get("routeKey"), caller=caller)
        answer = self._counted(event, context, caller) if caller else self._answered(event, context)
        note(status=answer["statusCode"])
        return answer

    def _counted(self, event: Event, context: Any, caller: str) -> Event:
        request = event["requestContext"]["http"]
        try:
            admission = self._limits.admit_request(caller, request["method"], event["rawPath"])
        except LimitReached as refusal:
            return _problem(refusal, refusal.headers())
        except AccountSuspended as refusal:
            return _problem(refusal)
        answer = self._answered(event, context)
        if admission is not None:
            answer["headers"] = {**answer.get("headers", {}), **admission.headers()}
        return answer

    def _answered(self, event: Event, context: Any) -> Event:
        key = event.get("headers", {}).get("idempotency-key")
        if key is None or event["requestContext"]["http"]["method"] == "GET":
            return self._served(event, context)
        if not 0 < len(key) <= _KEY_LIMIT:
            fault = FieldError("Idempotency-Key", f"1 to {_KEY_LIMIT} characters", f"{len(key)} characters")
            return _problem(BadRequest("The idempotency key is too long or empty.", fault))
        try:
            return self._once.run(self._served, event, context, key)
        except AppError as refusal:
            return _problem(refusal)

    def _served(self, event: Event, context: Any) -> Event:
        _have_event_loop()
        answer: Event = self._mangum(event, context)
        return answer

    async def _noting_the_route(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI application: afterwards the scope names the route that fitted."""
        try:
            await self._app(scope, receive, send)
        finally:
            if route := scope.get("route"):
                note(operation=f"{scope['method']} {route.path}")


_TEXT = ["text/", "application/json", PROBLEM]


def _have_event_loop() -> None:
    """Mangum takes the thread's current event loop; where there is none, newer Pythons no longer make one."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def _problem(error: AppError, headers: Mapping[str, str] | None = None) -> Event:
    return {
        "statusCode": error.status,
        "headers": {"content-type": PROBLEM, **(headers or {})},
        "body": json.dumps(error.to_problem()),
        "isBase64Encoded": False,
    }
