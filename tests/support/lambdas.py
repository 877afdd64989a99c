"""Events as AWS passes them to functions, and helpers that invoke handlers."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from services.common.entry import Handler
from tests.support import described


@dataclass
class Context:
    """The attributes of the Lambda context that are read."""

    function_name: str = "function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:function"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


#: The header that CloudFront adds to each API request (``ORIGIN_SECRET`` of ``support.aws``).
OF_CLOUDFRONT = "sent-by-cloudfront"


def new_user() -> str:
    """A user id as Cognito makes them."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Answer:
    """A function's HTTP response."""

    status: int
    body: Any
    headers: dict[str, str]


def call_http(
    handler: Handler, method: str, path: str, *, user: str | None, body: Any = None, key: str | None = None,
    query: str = "", groups: str = "", signed_in_at: int | None = None, route: str | None = None,
    origin: str | None = None,
) -> Answer:  # fmt: skip
    """One request in API Gateway's payload format 2.0.

    ``user=None`` omits the claims, ``route`` is the gateway's route key, ``origin`` the value of the header with
    CloudFront's secret.
    """
    claims = {"sub": user} if user else {}
    if groups:
        claims["cognito:groups"] = groups
    if signed_in_at is not None:
        claims["auth_time"] = str(signed_in_at)
    headers = {"content-type": "application/json", "host": "api"} | ({"idempotency-key": key} if key else {})
    if origin != "":
        headers["x-origin-secret"] = OF_CLOUDFRONT if origin is None else origin
    event = {
        "version": "2.0",
        "routeKey": route or f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test",
            },
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
        },
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
    }  # fmt: skip
    answer = handler(event, Context())
    text = answer.get("body") or ""
    content = json.loads(text) if text else None
    described.check(method, path, answer["statusCode"], content)
    return Answer(answer["statusCode"], content, answer.get("headers", {}))


def socket_event(
    kind: str, *, user: str | None, device: str, body: Any = None, route: str | None = None
) -> dict[str, Any]:
    """``CONNECT``, ``MESSAGE`` or ``DISCONNECT`` of a WebSocket API."""
    context: dict[str, Any] = {
        "eventType": kind,
        "connectionId": device,
        "routeKey": route or {"CONNECT": "$connect", "DISCONNECT": "$disconnect"}.get(kind, "$default"),
        "stage": "live",
    }
    if user:
        context["authorizer"] = {"userId": user, "principalId": user}
    return {"requestContext": context, "body": body if isinstance(body, str) or body is None else json.dumps(body)}
