"""The front of an HTTP API: limits, throttling, CORS and AWS's error bodies around the emulator's routes.

Sources: "Quotas for configuring and running an HTTP API", "Throttle requests to your HTTP APIs", "Configure
CORS for HTTP APIs", "Control access to HTTP APIs with JWT authorizers", "Working with AWS Lambda proxy
integrations for HTTP APIs".
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from urllib.parse import unquote

from emulation.aws.messages import BodyTooLargeError, Headers, Request, Response
from emulation.aws.upstream import BrokenError, UnreachableError, Upstream, UpstreamTimeoutError
from emulation.edge import gateway_log
from emulation.edge.apis import Api, Limits, Stage
from emulation.edge.authorizer import ForbiddenError, UnauthorizedError
from emulation.edge.cors import is_preflight
from emulation.edge.gateway_metrics import GatewayMetrics
from emulation.edge.integration import FunctionCall, FunctionIntegration
from emulation.edge.log_file import LogFile
from emulation.edge.throttle import Buckets
from emulation.edge.tracing import Trace, Tracer
from emulation.guard import HELPER_HEADER, HELPER_VALUE

PAYLOAD_LIMIT = 10 * 1024 * 1024
HEADER_LIMIT = 10_240
INTEGRATION_TIMEOUT_SECONDS = 30.0
#: The largest response of a synchronous Lambda invocation ("Lambda quotas"): a larger one is an error.
LAMBDA_RESPONSE_LIMIT = 6_291_556

_JSON = (b"content-type", b"application/json")
#: Added by the emulator to every answer; AWS's HTTP APIs do not send them.
_EMULATOR_HEADERS = (b"date", b"server", b"x-amzn-requestid", b"x-amz-request-id", b"x-amz-id-2")
_CORS_HEADERS = (
    b"access-control-allow-origin",
    b"access-control-allow-credentials",
    b"access-control-expose-headers",
    b"access-control-allow-methods",
    b"access-control-allow-headers",
    b"access-control-max-age",
)
#: The edge has judged the page already; the emulator's guard takes this out before a function sees it.
_KIT = (HELPER_HEADER.lower().encode(), HELPER_VALUE.encode())
_REPLACED = (b"host", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-port", b"x-amzn-trace-id", _KIT[0])


def message(status: int, text: str) -> Response:
    """An API Gateway error: ``{"message":"…"}``."""
    return Response(status, [_JSON], json.dumps({"message": text}, separators=(",", ":")).encode())


def request_id() -> bytes:
    """An id as in the ``apigw-requestid`` header: 15 letters and digits and ``=``."""
    return base64.urlsafe_b64encode(os.urandom(11)).replace(b"-", b"A").replace(b"_", b"B")[:15] + b"="


def aws_answer(answer: Response, authorized: bool) -> Response:
    """The emulator's response as AWS would send it: no internals of a failed Lambda, AWS's bodies and headers.

    A function that raised, died or timed out: 500. A malformed proxy response: 500. No concurrency left: 503.
    ``authorized``: whether the request had an Authorization header (it decides the challenge of a 401).
    """
    answer.drop(*_EMULATOR_HEADERS)
    if answer.status == 502 and _is_lambda_failure(answer.body):
        return message(500, "Internal Server Error")
    if answer.status == 500 and not answer.body:
        return message(500, "Internal Server Error")
    if answer.status == 429 and b"LimitExceeded" in answer.body:
        return message(503, "Service Unavailable")
    if len(answer.body) > LAMBDA_RESPONSE_LIMIT:
        return message(500, "Internal Server Error")
    if answer.status in (401, 403, 404) and len(answer.body) < 80 and _only_message(answer.body):
        text = json.loads(answer.body)["message"]
        refused = message(answer.status, text)
        if answer.status == 401:
            refused.set(b"www-authenticate", b'Bearer error="invalid_token"' if authorized else b"Bearer")
        return refused
    return answer


def _is_lambda_failure(body: bytes) -> bool:
    if b'"errorType"' in body and b'"errorMessage"' in body:
        return True
    return body.startswith(b'{"message": "Lambda function ')


def _only_message(body: bytes) -> bool:
    return body.startswith((b'{"message":', b'{"message" :')) and body.count(b'":') == 1


class HttpApiFront:
    """Handles requests to HTTP APIs; ``apis`` gives what is deployed now."""

    def __init__(
        self,
        upstream: Upstream,
        apis: Callable[[], dict[str, Api]],
        tracer: Tracer,
        access_log: LogFile,
        functions: FunctionIntegration,
        metrics: GatewayMetrics | None = None,
    ) -> None:
        self.metrics = metrics or GatewayMetrics()
        self._upstream = upstream
        self._functions = functions
        self._apis = apis
        self._tracer = tracer
        self._log = access_log
        self._buckets = Buckets()
        #: Set by a drill: every API answers as if API Gateway were unavailable.
        self.down = False

    @property
    def invokes_by(self) -> str:
        """``port`` while the emulator's invocation port is connected, else ``http``."""
        return "port" if self._functions.invoker.is_connected else "http"

    async def handle(self, api_id: str, target: str, request: Request) -> Response:
        """Answer a request to ``https://{api_id}.execute-api…{target}``."""
        begun = time.perf_counter()
        trace = self._tracer.start(request.text_header(b"x-amzn-trace-id"))
        api = self._apis().get(api_id)
        route_key = ""
        if self.down:
            answer = message(503, "Service Unavailable")
        elif api is None or api.protocol != "HTTP":
            known = bool(self._apis())
            answer = message(404, "Not Found") if known else message(503, "Service Unavailable")
        else:
            answer, route_key = await self._through(api, target, request, trace)
            self._apply_cors(api, request, answer)
        if answer.header(b"apigw-requestid") is None:
            answer.headers.append((b"apigw-requestid", request_id()))
        stage = _stage_and_path(api, target)[0] if api is not None else None
        wanted = stage.log_format if stage is not None else None
        if stage is not None:
            took, size = time.perf_counter() - begun, len(answer.body) + _body_size(request)
            self.metrics.answered(api_id, stage.name, answer.status, took, trace.integration, size)
        self._record(api_id, route_key, target, request, answer, trace, begun, wanted)
        return answer

    async def _through(self, api: Api, target: str, request: Request, trace: Trace) -> tuple[Response, str]:
        if api.cors is not None and is_preflight(request):
            return api.cors.preflight(request.text_header(b"origin")), ""
        if _header_size(request) > HEADER_LIMIT:
            return message(431, "Request Header Fields Too Large"), ""
        stage, path = _stage_and_path(api, target)
        if stage is None:
            return message(404, "Not Found"), ""
        route_key = api.table.select(request.method, unquote(path) if "%" in path else path)
        if route_key is None:
            return message(404, "Not Found"), ""
        if not self._admit(api.api_id, stage, route_key):
            return message(429, "Too Many Requests"), route_key
        try:
            body = await request.body(PAYLOAD_LIMIT)
        except BodyTooLargeError:
            return message(413, "Request Entity Too Large"), route_key
        return await self._integrate(api, target, route_key, request, body, trace), route_key

    def _admit(self, api_id: str, stage: Stage, route_key: str) -> bool:
        """A route with settings of its own has its own bucket; all others share the stage's."""
        own: Limits | None = stage.routes.get(route_key)
        if own is not None and not self._buckets.take(f"{api_id}/{stage.name}/{route_key}", own.rate, own.burst):
            return False
        if own is not None:
            return True
        return self._buckets.take(f"{api_id}/{stage.name}", stage.default.rate, stage.default.burst)

    async def _integrate(
        self, api: Api, target: str, route_key: str, request: Request, body: bytes, trace: Trace
    ) -> Response:
        headers = forwarded_headers(request, trace.header())
        begun = time.perf_counter()
        try:
            answer = await self._invoke(api, target, route_key, request, headers, body, trace)
            if answer is None:
                answer = await self._pass(api, target, request, headers, body)
        except UnauthorizedError:
            answer = message(401, "Unauthorized")
        except ForbiddenError:
            answer = message(403, "Forbidden")
        except BrokenError:
            return message(500, "Internal Server Error")
        except (UnreachableError, UpstreamTimeoutError):
            return message(503, "Service Unavailable")
        finally:
            trace.integration = time.perf_counter() - begun
        return aws_answer(answer, authorized=request.header(b"authorization") is not None)

    async def _invoke(
        self, api: Api, target: str, route_key: str, request: Request, headers: Headers, body: bytes, trace: Trace
    ) -> Response | None:
        """Invoke by the emulator's invocation port; None when the request has to go by HTTP."""
        route = api.functions.get(route_key)
        stage, path = _stage_and_path(api, target)
        if route is None or stage is None:
            return None
        call = FunctionCall(
            api.api_id, stage.name, stage.variables, route, path, request, headers, body, trace.header()
        )  # fmt: skip
        return await self._functions.answer(call, INTEGRATION_TIMEOUT_SECONDS)

    async def _pass(self, api: Api, target: str, request: Request, headers: Headers, body: bytes) -> Response:
        path = f"/_aws/execute-api/{api.api_id}{target}" + (f"?{request.query}" if request.query else "")
        return await self._upstream.send(
            request.method, path, [*headers, _KIT], body, seconds=INTEGRATION_TIMEOUT_SECONDS
        )

    def _apply_cors(self, api: Api, request: Request, answer: Response) -> None:
        if api.cors is None or is_preflight(request):
            return
        answer.drop(*_CORS_HEADERS)
        answer.headers = [pair for pair in answer.headers if pair != (b"vary", b"Origin")]
        answer.headers.extend(api.cors.response_headers(request.text_header(b"origin")))

    def _record(
        self,
        api_id: str,
        route_key: str,
        target: str,
        request: Request,
        answer: Response,
        trace: Trace,
        begun: float,
        log_format: str | None,
    ) -> None:
        agent = request.text_header(b"user-agent")
        identity = (answer.header(b"apigw-requestid") or b"").decode()
        line = {
            "requestId": identity,
            "apiId": api_id,
            "identity.sourceIp": request.client,
            **gateway_log.moments(trace.started),
            "httpMethod": request.method,
            "routeKey": route_key or "-",
            "path": target,
            "status": answer.status,
            "responseLength": len(answer.body),
            "responseLatency": round((time.perf_counter() - begun) * 1000, 2),
            "traceId": trace.root,
            "identity.userAgent": agent,
        }
        self._log.write(gateway_log.line(log_format, line))
        self._tracer.end(trace, request.method, target, answer.status, len(answer.body), request.client, agent)


def _header_size(request: Request) -> int:
    """Request line and header values, which is what the quota counts."""
    line = len(request.method) + len(request.target) + len(request.query) + 11
    return line + sum(len(value) for _, value in request.headers)


def _body_size(request: Request) -> int:
    length = request.text_header(b"content-length")
    return int(length) if length.isdigit() else 0


def _stage_and_path(api: Api, target: str) -> tuple[Stage | None, str]:
    first, _, rest = target.lstrip("/").partition("/")
    if first in api.stages:
        return api.stages[first], "/" + rest
    return api.stages.get("$default"), target


def forwarded_headers(request: Request, trace_header: bytes) -> Headers:
    """Headers of the integration request: the viewer's, with what API Gateway adds."""
    host = request.header(b"host") or b"localhost"
    earlier = request.header(b"x-forwarded-for")
    client = request.client.encode()
    headers = [pair for pair in request.headers if pair[0] not in _REPLACED]
    headers += [
        (b"host", host),
        (b"x-forwarded-for", earlier + b", " + client if earlier else client),
        (b"x-forwarded-proto", request.scheme.encode()),
        (b"x-forwarded-port", str(request.port).encode()),
        (b"x-amzn-trace-id", trace_header),
    ]
    return headers
