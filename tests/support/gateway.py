"""The HTTP API in this process: the template's routes and the functions' handlers, on the tests' emulator.

API Gateway's own refusals (tokens, unknown methods, sizes) are not included: ``tests/contract`` tests the running one.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from infra.routes import ROUTES
from services.accounts import handler as accounts
from services.calls import handler as calls
from services.chat import handler as chat
from services.common.entry import EntryPoint, Handler
from services.common.limits import DEFAULTS
from services.live import handler as live
from services.moderation import handler as moderation
from services.notifications import handler as notifications
from services.posts import handler as posts
from services.profiles import handler as profiles
from services.query import handler as query
from services.realtime import handler as realtime
from tests.support.lambdas import OF_CLOUDFRONT, Context

_ENTRIES: Mapping[str, EntryPoint[Any]] = {
    "account": accounts.handler, "call": calls.handler, "chat": chat.handler, "live": live.handler,
    "moderation": moderation.handler, "notification": notifications.handler,
    "post": posts.handler, "profile": profiles.handler, "query": query.handler,
    "realtime": realtime.handler,
}  # fmt: skip
_KEYS = {key: name for name, keys in ROUTES.items() for key in keys}


@cache
def _handlers(_emulator: str) -> Mapping[str, Handler]:
    """Handlers composed once for each emulator (each suite has its own), because a composed function keeps its clients.

    Their quotas are lifted, as on the emulator.
    """
    with pytest.MonkeyPatch.context() as patch:
        # The URL of no media server: no test publishes media.
        for name in ("SFU_URL", "SFU_CALLBACK_URL"):
            patch.setenv(name, "http://127.0.0.1:9")
        patch.setenv("RATE_LIMITS", ",".join(f"{kind}=1000000/60" for kind in DEFAULTS))
        return {name: entry.compose(entry.settings.read()) for name, entry in _ENTRIES.items()}


def function_of(method: str, path: str) -> str:
    """The function that serves a request: the exact route, else the longest greedy one, else ``$default``.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    request = f"{method} {path}"
    greedy = [key for key in _KEYS if key.endswith("/{proxy+}") and request.startswith(key.removesuffix("{proxy+}"))]
    return _KEYS[request] if request in _KEYS else _KEYS[max(greedy, key=len, default="$default")]


def context_of(method: str, path: str) -> str:
    """The context whose application serves a request."""
    return _ENTRIES[function_of(method, path)].compose.__module__.split(".")[1]


@dataclass(frozen=True)
class Caller:
    """The caller whose token the gateway has verified."""

    user_id: str | None
    groups: tuple[str, ...] = ()
    signed_in_at: int | None = None

    def claims(self) -> dict[str, str]:
        found = {"sub": self.user_id} if self.user_id else {}
        if self.groups:
            found["cognito:groups"] = f"[{' '.join(self.groups)}]"
        return found | ({"auth_time": str(self.signed_in_at)} if self.signed_in_at is not None else {})


@dataclass(frozen=True)
class Request:
    """One request; ``path`` may be spelled in any way, ``body`` is the bytes of the request."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def event(self, caller: Caller) -> dict[str, Any]:
        """Payload format 2.0. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
        plain = {"host": "api", "x-origin-secret": OF_CLOUDFRONT}
        if self.body is not None:
            plain["content-type"] = "application/json"
        http = {"method": self.method, "path": self.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
        return {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": {**plain, **{name.lower(): value for name, value in self.headers.items()}},
            "requestContext": {
                "http": {**http, "userAgent": "test"},
                "stage": "$default",
                "authorizer": {"jwt": {"claims": caller.claims()}},
            },
            "body": base64.b64encode(self.body).decode() if self.body is not None else None,
            "isBase64Encoded": self.body is not None,
        }


def send(caller: Caller, request: Request) -> dict[str, Any]:
    """The result of the function that the gateway would invoke, unchanged."""
    handler = _handlers(os.environ["AWS_ENDPOINT_URL"])[function_of(request.method, request.path)]
    answer: dict[str, Any] = handler(request.event(caller), Context())
    return answer
