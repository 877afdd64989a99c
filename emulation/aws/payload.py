"""Payload format 2.0 between an HTTP API and its Lambda function: the event, and the meaning of the function's
response.

Source: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway",
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: A field name of HTTP (RFC 9110, 5.6.2).
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Characters that a field value cannot contain (RFC 9110, 5.5): it would end the header or the whole message.
_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_STATUS = re.compile(r"[0-9]{3}")
#: The gateway frames the message itself; what a function says about that is dropped (RFC 9110, 7.6.1).
_FRAMING = frozenset(
    ("content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade")
)
_TEXT_TYPES = frozenset(("application/json", "application/xml", "application/javascript"))
FAILED = b'{"message":"Internal Server Error"}'


class MalformedAnswerError(ValueError):
    """The function's answer is not a response of format 2.0; the client gets 500."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response. ``headers`` are pairs in order, one for each line."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


def failed() -> Answer:
    """The response to the client when the function fails or returns something malformed."""
    return Answer(500, [("content-type", "application/json")], FAILED)


# --- the event -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """One request as the gateway has routed it. ``headers`` have names in lower case, repeated ones joined."""

    account_id: str
    api_id: str
    domain: str
    stage: str
    route_key: str
    method: str
    path: str
    raw_query: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    path_parameters: Mapping[str, str] | None = None
    stage_variables: Mapping[str, str] | None = None
    authorizer: Mapping[str, Any] | None = None


def event(call: Call) -> dict[str, Any]:
    """The event of a request. Absent parts are left out, not null, except ``body`` fields."""
    headers = dict(call.headers)
    cookies = [one for one in (part.strip() for part in headers.pop("cookie", "").split(";")) if one]
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": call.route_key,
        "rawPath": call.path,
        "rawQueryString": call.raw_query,
        "headers": headers,
        "requestContext": _context(call),
        "isBase64Encoded": False,
    }
    if cookies:
        made["cookies"] = cookies
    if call.query:
        made["queryStringParameters"] = {name: ",".join(values) for name, values in call.query.items()}
    if call.path_parameters:
        made["pathParameters"] = dict(call.path_parameters)
    if call.stage_variables:
        made["stageVariables"] = dict(call.stage_variables)
    if call.body:
        made["body"], made["isBase64Encoded"] = _body_of(call.body, headers.get("content-type", ""))
    return made


def _context(call: Call) -> dict[str, Any]:
    now = time.time()
    context: dict[str, Any] = {
        "accountId": call.account_id,
        "apiId": call.api_id,
        "domainName": call.domain,
        "domainPrefix": call.domain.partition(".")[0],
        "http": {
            "method": call.method,
            "path": call.path,
            "protocol": "HTTP/1.1",
            "sourceIp": _source_of(call.headers.get("x-forwarded-for", "")),
            "userAgent": call.headers.get("user-agent", ""),
        },
        "requestId": call.request_id,
        "routeKey": call.route_key,
        "stage": call.stage,
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
    if call.authorizer is not None:
        context["authorizer"] = dict(call.authorizer)
    return context


def _source_of(forwarded_for: str) -> str:
    """The client is the last one in the list: the gateway itself has added it."""
    return forwarded_for.rpartition(",")[2].strip() or "127.0.0.1"


def _body_of(body: bytes, content_type: str) -> tuple[str, bool]:
    """Text types arrive as text, everything else in Base64."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT_TYPES:
        return body.decode("utf-8", errors="replace"), False
    return base64.b64encode(body).decode("ascii"), True


# --- the answer ------------------------------------------------------------------------------------------------------


def answer(result: Any) -> Answer:
    """The HTTP response for a function's result (any JSON value).

    Without ``statusCode`` the whole result is the body of a 200: API Gateway infers the rest.

    Raises:
        MalformedAnswerError: an invalid status, a header that cannot be sent, or a body that is not text.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else _dumped(result)
        return Answer(200, [("content-type", "application/json")], text.encode())
    status = _status(result["statusCode"])
    body = _decoded(result.get("body"), result.get("isBase64Encoded"))
    headers = [*_headers(result.get("headers")), *_cookies(result.get("cookies"))]
    if status in (204, 304):
        return Answer(status, headers)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    return Answer(status, headers, body)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _status(value: Any) -> int:
    """``200``, ``200.0`` and ``"200"`` are the same; 1xx cannot be a final answer."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _STATUS.fullmatch(text) or not 200 <= int(text) <= 599:
        raise MalformedAnswerError(f"statusCode: expected 200 to 599, got {value!r}")
    return int(text)


def _decoded(body: Any, encoded: Any) -> bytes:
    if isinstance(body, (dict, list)):
        raise MalformedAnswerError(f"body: expected text, got {type(body).__name__}")
    text = "" if body is None else body if isinstance(body, str) else _dumped(body)
    if not _flag(encoded):
        return text.encode("utf-8", errors="replace")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedAnswerError(f"body: isBase64Encoded is true, but {error}") from None


def _flag(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise MalformedAnswerError(f"isBase64Encoded: expected true or false, got {value!r}")


def _headers(headers: Any) -> list[tuple[str, str]]:
    if headers is None:
        return []
    if not isinstance(headers, dict):
        raise MalformedAnswerError(f"headers: expected an object, got {type(headers).__name__}")
    pairs = [(name, _value(name, value)) for name, value in headers.items() if value is not None]
    return [(name, value) for name, value in pairs if name.lower() not in _FRAMING]


def headers_of(name: str, values: list[Any]) -> list[str]:
    """The values of one header that can be sent. Raises: MalformedAnswerError."""
    return [text for value in values for _, text in _headers({name: value})]


def _cookies(cookies: Any) -> list[tuple[str, str]]:
    if cookies is None:
        return []
    if not isinstance(cookies, list) or not all(isinstance(one, str) for one in cookies):
        raise MalformedAnswerError("cookies: expected a list of texts")
    return [("set-cookie", _value("set-cookie", one)) for one in cookies]


def _value(name: str, value: Any) -> str:
    if not _TOKEN.fullmatch(name):
        raise MalformedAnswerError(f"headers: not a header name: {name!r}")
    if isinstance(value, (dict, list)):
        raise MalformedAnswerError(f"headers: {name}: expected text, got {type(value).__name__}")
    text = value if isinstance(value, str) else _dumped(value)
    if _BREAKS.search(text):
        raise MalformedAnswerError(f"headers: {name}: control characters cannot be sent")
    return text
