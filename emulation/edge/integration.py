"""Integrations of an HTTP API with functions that the edge invokes itself: event and answer are made here.

The emulator's gateway handles the others (Lambda authorizers, IAM, payload format 1.0, HTTP).
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from emulation.aws import payload
from emulation.aws.invocation_frames import Came
from emulation.aws.messages import HOP_BY_HOP, Headers, Request, Response
from emulation.edge.authorizer import Authorizer, JwtRules, Token, parse_rules
from emulation.edge.invoker import Invoker
from emulation.edge.logs import log
from emulation.settings import ACCOUNT, REGION

_VARIABLE = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class FunctionRoute:
    """A route to a function. ``path``: pattern of the whole path; ``rules``: None for an open route."""

    key: str
    path: re.Pattern[str]
    names: tuple[str, ...]
    uri: str
    rules: JwtRules | None = None
    scopes: tuple[str, ...] = ()

    def parameters(self, path: str) -> dict[str, str] | None:
        """Path parameters of a decoded path; None when it does not match this route."""
        found = self.path.fullmatch(path)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A request as the edge has routed it. ``path``: below the stage, as it was sent; ``headers``: to be forwarded."""

    api_id: str
    stage: str
    variables: Mapping[str, str]
    route: FunctionRoute
    path: str
    request: Request
    headers: Headers
    body: bytes
    trace: bytes


def function_routes(
    routes: Iterable[Mapping[str, Any]],
    integrations: Iterable[Mapping[str, Any]],
    authorizers: Iterable[Mapping[str, Any]],
) -> dict[str, FunctionRoute]:
    """Routes that the edge can serve, by route key; arguments are as in API Gateway's API."""
    targets = {f"integrations/{one['integrationId']}": one for one in integrations}
    rules = {one["authorizerId"]: parse_rules(one) for one in authorizers}
    found = {}
    for route in routes:
        target, kind = targets.get(route.get("target", "")), route.get("authorizationType") or "NONE"
        method, _, path = route["routeKey"].partition(" ")
        judged = rules.get(route.get("authorizerId", "")) if kind == "JWT" else None
        if target is None or not method or not path or (kind != "NONE" and judged is None):
            continue
        if target.get("integrationType") != "AWS_PROXY" or target.get("payloadFormatVersion") != "2.0":
            continue
        scopes = tuple(route.get("authorizationScopes") or ())
        pattern, names = _pattern(path)
        found[route["routeKey"]] = FunctionRoute(
            route["routeKey"], pattern, names, target["integrationUri"], judged, scopes
        )
    return found


def _pattern(path: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """``/v1/{id}/{proxy+}``: a variable matches one segment, a greedy one the rest of the path."""
    names: list[str] = []
    parts: list[str] = []
    for number, part in enumerate(_VARIABLE.split(path)):
        if number % 2:
            names.append(part.removesuffix("+"))
            parts.append("(.+)" if part.endswith("+") else "([^/]+)")
        else:
            parts.append(re.escape(part))
    return re.compile("".join(parts)), tuple(names)


@dataclass
class FunctionIntegration:
    """Calls functions through the emulator host's invocation port."""

    invoker: Invoker
    authorizer: Authorizer

    async def answer(self, call: FunctionCall, seconds: float) -> Response | None:
        """None where the request has to go by HTTP.

        Raises:
            UnauthorizedError, ForbiddenError: the token does not allow it.
            UnreachableError, BrokenError, UpstreamTimeoutError: as ``Upstream.send``.
        """
        path = unquote(call.path)
        parameters = call.route.parameters(path)
        if parameters is None or "%25" in call.path or not self.invoker.is_reachable():
            return None
        headers = event_headers(call)
        token = None
        if call.route.rules is not None:
            value = headers.get(call.route.rules.header)
            token = await self.authorizer.authorize(call.route.rules, value, call.route.scopes)
        identity = base64.b64encode(os.urandom(11)).decode()
        event = json.dumps(payload.event(_described(call, path, parameters, headers, token, identity))).encode()
        head = {
            "uri": call.route.uri, "account": ACCOUNT, "region": REGION,
            "method": call.request.method, "trace": call.trace.decode("latin-1"),
        }  # fmt: skip
        came, content = await self.invoker.invoke(head, event, seconds)
        return None if came is Came.BY_HTTP else _response(came, content, identity, call.route.uri)


def _described(
    call: FunctionCall, path: str, parameters: Mapping[str, str], headers: Mapping[str, str],
    token: Token | None, identity: str,
) -> payload.Call:  # fmt: skip
    request = call.request
    return payload.Call(
        account_id=ACCOUNT,
        api_id=call.api_id,
        domain=f"{call.api_id}.execute-api.localhost",
        stage=call.stage,
        route_key=call.route.key,
        method=request.method,
        path=path,
        raw_query=request.query,
        query=parse_qs(request.query, keep_blank_values=True),
        headers=headers,
        body=call.body,
        request_id=identity,
        path_parameters=parameters or None,
        stage_variables=call.variables,
        authorizer=_authorized(token),
    )


def event_headers(call: FunctionCall) -> dict[str, str]:
    """Headers of the event: each name once, with the length of a body that came without one."""
    headers: dict[str, str] = {}
    for name, value in call.headers:
        if name in HOP_BY_HOP:
            continue
        key, text = name.decode("latin-1"), _decoded(value)
        headers[key] = headers[key] + ("; " if key == "cookie" else ", ") + text if key in headers else text
    if call.body and "content-length" not in headers:
        headers["content-length"] = str(len(call.body))
    return headers


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _authorized(token: Token | None) -> dict[str, Any] | None:
    return None if token is None else {"jwt": {"claims": token.texts, "scopes": list(token.scopes) or None}}


def _response(came: Came, content: bytes, identity: str, uri: str) -> Response:
    identified = (b"apigw-requestid", identity.encode())
    if came is Came.THROTTLED:
        return Response(503, [(b"content-type", b"application/json"), identified], b'{"message":"Service Unavailable"}')
    answer = payload.failed()
    if came is Came.ANSWERED:
        try:
            answer = payload.answer(json.loads(content))
        except payload.MalformedAnswerError as error:
            log("malformed-answer", function=uri, reason=str(error))
    return Response(answer.status, [*_lines(answer.headers), identified], answer.body)


def _lines(headers: Iterable[tuple[str, str]]) -> Headers:
    """Repeated names become one line, but for cookies."""
    lines: dict[bytes, bytes] = {}
    cookies: Headers = []
    for name, value in headers:
        key, text = name.lower().encode("latin-1"), value.encode("utf-8")
        if key == b"set-cookie":
            cookies.append((key, text))
        else:
            lines[key] = lines[key] + b", " + text if key in lines else text
    return [*lines.items(), *cookies]
