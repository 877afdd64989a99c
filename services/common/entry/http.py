"""HTTP functions: FastAPI through Mangum, with rate limits and idempotency; also combined with WebSocket events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI
from mangum import Mangum
from starlette.routing import Match

from services.common.aws_errors import unavailable
from services.common.claims import signed_in_at, user_of_http, user_of_socket
from services.common.entry.functions import Event, Handler
from services.common.entry.idempotency import Once
from services.common.entry.origin import OriginGate
from services.common.errors import AccountSuspended, AppError, BadRequest, FieldError, Forbidden, SignedOut
from services.common.http import PROBLEM
from services.common.limits import CommandLimits, LimitReached
from services.common.observability import logger, note, observed
from services.common.settings import CommandSettings
from services.common.sockets import Replies, SocketActions

_KEY_LIMIT = 64


def http_handler(app: FastAPI, settings: CommandSettings) -> Handler:
    """The handler of an HTTP function.

    A command with an ``Idempotency-Key`` runs once per caller, route and key; a retry gets the first response (24 h),
    the same key with another body 422, a retry while the first still runs 409. Refusals are not stored: nothing was
    changed, so a corrected body may use the same key. Before that, the request is counted (``limits``): 429 above the
    quota, 403 for a suspended person; every response to a counted request has the rate limit headers. Requests that did
    not come through CloudFront get 403 (``origin``).
    """
    return observed(_Http(app, CommandLimits.of(settings), settings).handle)


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
    http = _Http(app, limits, settings)

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
    """Admits a request, counts it, then handles it."""

    def __init__(self, app: FastAPI, limits: CommandLimits, settings: CommandSettings) -> None:
        self._app, self._limits, self._once = app, limits, Once(settings)
        self._gate = OriginGate.of(settings.origin_secret)
        self._mangum = Mangum(self._noting_the_route, lifespan="off", text_mime_types=_TEXT)

    def handle(self, event: Event, context: Any) -> Event:
        caller = user_of_http(event)
        # The route of the gateway, until the application finds its own; never the path itself, which has no bound.
        note(operation=event.get("routeKey"), caller=caller)
        answer = self._admitted(event, context, caller)
        note(status=answer["statusCode"])
        return answer

    def _admitted(self, event: Event, context: Any, caller: str) -> Event:
        try:
            if not self._gate.admits(event):
                return _problem(Forbidden("The API accepts requests only through the distribution."))
        except AppError as refusal:
            return _problem(refusal)
        return self._counted(event, context, caller) if caller else self._answered(event, context)

    def _counted(self, event: Event, context: Any, caller: str) -> Event:
        try:
            admission = self._limits.admit_request(caller, *_request_line(event), signed_in_at(event))
        except LimitReached as refusal:
            return _problem(refusal, refusal.headers())
        except (AccountSuspended, SignedOut) as refusal:
            return _problem(refusal)
        except (BotoCoreError, ClientError) as error:
            return _unavailable_or_raise(error)
        answer = self._answered(event, context)
        if admission is not None:
            answer["headers"] = {**answer.get("headers", {}), **admission.headers()}
        return answer

    def _answered(self, event: Event, context: Any) -> Event:
        key = event.get("headers", {}).get("idempotency-key")
        if key is None or not self._is_command(*_request_line(event)):
            return self._served(event, context)
        if not 0 < len(key) <= _KEY_LIMIT:
            fault = FieldError("Idempotency-Key", f"1 to {_KEY_LIMIT} characters", f"{len(key)} characters")
            return _problem(BadRequest("The idempotency key is too long or empty.", fault))
        try:
            return self._once.run(self._served, event, context, key)
        except AppError as refusal:
            return _problem(refusal)

    def _is_command(self, method: str, path: str) -> bool:
        """Whether the route exists and is a command: a 404 or 405 stores no record of its key."""
        scope = {"type": "http", "method": method, "path": path, "root_path": "", "path_params": {}}
        return method not in _SAFE and any(route.matches(scope)[0] is Match.FULL for route in self._app.routes)

    def _served(self, event: Event, context: Any) -> Event:
        _have_event_loop()
        answer: Event = self._mangum(event, context)
        return answer

    async def _noting_the_route(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI application that adds the matched route to the scope."""
        try:
            await self._app(scope, receive, send)
        finally:
            if route := scope.get("route"):
                note(operation=f"{scope['method']} {route.path}")


_SAFE = ("GET", "HEAD", "OPTIONS")
_TEXT = ["text/", "application/json", PROBLEM]


def _request_line(event: Event) -> tuple[str, str]:
    """Method and decoded path: what Mangum gives to the application."""
    return event["requestContext"]["http"]["method"], unquote(event["rawPath"])


def _have_event_loop() -> None:
    """Mangum takes the thread's current event loop; where there is none, newer Pythons no longer make one."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def _unavailable_or_raise(error: Exception) -> Event:
    """The refusal before the application runs, in the application's format."""
    refusal = unavailable(error)
    if refusal is None:
        raise error
    logger.exception("the caller's counts are out of reach", exc_info=error)
    return _problem(refusal)


def _problem(error: AppError, headers: Mapping[str, str] | None = None) -> Event:
    return {
        "statusCode": error.status,
        "headers": {"content-type": PROBLEM, **(headers or {})},
        "body": json.dumps(error.to_problem()),
        "isBase64Encoded": False,
    }
