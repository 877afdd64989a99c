"""AWS service endpoints for browsers: Cognito without credentials, and signed calls of developers and
administrators.

The emulator checks signatures of identity pool credentials over method, path and Host, so a signed request
passes unchanged: the endpoint for browsers is the front's own root (``http://localhost:8081``), not a path
below it.
"""

from __future__ import annotations

import json
import re

from emulation.aws.messages import BodyTooLargeError, Headers, Request, Response
from emulation.aws.upstream import UnreachableError, Upstream, UpstreamTimeoutError
from emulation.edge.http_api import message
from emulation.edge.xray_front import TraceReader

#: Path prefix at the front -> the services whose unsigned calls it takes.
COGNITO_PATHS = ("/_cognito-identity", "/_cognito")
BODY_LIMIT = 1024 * 1024
_TIMEOUT_SECONDS = 30.0
#: Services a browser may call with identity pool credentials (the role decides what is allowed).
BROWSER_SERVICES = frozenset(("cognito-idp", "cognito-identity", "monitoring", "logs", "xray", "sts", "cloudwatch"))
_SCOPE = re.compile(rb"Credential=[^/]+/\d{8}/[a-z0-9-]+/([a-z0-9-]+)/aws4_request")

_DISCOVERY, _KEYS = "/.well-known/openid-configuration", "/.well-known/jwks.json"
_OF_A_POOL = re.compile(rf"/[\w-]+(?:{re.escape(_DISCOVERY)}|{re.escape(_KEYS)})")

_CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
]
_ALLOWED = (
    b"authorization,cache-control,content-type,x-amz-target,x-amz-user-agent,x-amz-date,x-amz-content-sha256,"
    b"x-amz-security-token,amz-sdk-invocation-id,amz-sdk-request,x-amzn-query-mode,smithy-protocol"
)


def is_discovery(path: str, request: Request) -> bool:
    """Whether a request is for a user pool's discovery document or keys, as verifiers of tokens send it."""
    return request.method == "GET" and _OF_A_POOL.fullmatch(path) is not None


def is_signed(request: Request) -> bool:
    authorization = request.header(b"authorization")
    return authorization is not None and authorization.startswith(b"AWS4-HMAC-SHA256")


def service_of(request: Request) -> str:
    """Service named in the credential scope of a SigV4 Authorization header, or ``""``."""
    found = _SCOPE.search(request.header(b"authorization") or b"")
    return found.group(1).decode() if found else ""


def preflight() -> Response:
    return Response(
        200,
        [
            *_CORS,
            (b"access-control-allow-methods", b"GET,POST,OPTIONS"),
            (b"access-control-allow-headers", _ALLOWED),
            (b"access-control-max-age", b"172800"),
        ],
    )


class AwsFront:
    """Passes AWS API calls of browsers on to the emulator, with the CORS headers AWS's endpoints send."""

    def __init__(self, upstream: Upstream, traces: TraceReader | None = None) -> None:
        """``traces``: serves X-Ray, which the emulator lacks."""
        self._upstream = upstream
        self._traces = traces

    async def cognito(self, path: str, request: Request) -> Response:
        """A call below ``/_cognito`` or ``/_cognito-identity``; ``path`` is what follows the prefix."""
        if request.method == "OPTIONS":
            return preflight()
        target = request.text_header(b"x-amz-target")
        if is_discovery(path, request):
            return await self.discovery(path, request)
        if not target.startswith(("AWSCognitoIdentityProviderService.", "AWSCognitoIdentityService.")):
            return self._with_cors(message(400, "Expected an X-Amz-Target of Amazon Cognito"))
        return await self._pass(path or "/", request)

    async def discovery(self, path: str, request: Request) -> Response:
        """The document of a pool, or its keys. The document names the keys at the address where it was asked for."""
        answer = await self._pass(path, request)
        prefix = request.target.removesuffix(path)
        if answer.status != 200 or not prefix or not path.endswith(_DISCOVERY):
            return answer
        document = json.loads(answer.body)
        origin, keys = (
            document["jwks_uri"].removesuffix(path.replace(_DISCOVERY, _KEYS)),
            path.replace(_DISCOVERY, _KEYS),
        )
        answer.body = json.dumps(document | {"jwks_uri": origin + prefix + keys}).encode()
        answer.drop(b"content-length")
        return answer

    async def signed(self, request: Request) -> Response:
        """A SigV4 call at the front's root, unchanged."""
        service = service_of(request)
        if service not in BROWSER_SERVICES:
            return self._with_cors(message(403, f"Not a service for browsers: {service or 'no credential scope'}"))
        if service == "xray" and self._traces is not None:
            return self._with_cors(await self._traces.answer(request))
        return await self._pass(request.target, request)

    async def _pass(self, path: str, request: Request) -> Response:
        try:
            body = await request.body(BODY_LIMIT)
            target = path + ("?" + request.query if request.query else "")
            answer = await self._upstream.send(request.method, target, request.headers, body, seconds=_TIMEOUT_SECONDS)
        except BodyTooLargeError:
            answer = message(413, "Request Entity Too Large")
        except (UnreachableError, UpstreamTimeoutError):
            answer = Response(
                503,
                [
                    (b"content-type", b"application/x-amz-json-1.1"),
                    (b"x-amzn-errortype", b"ServiceUnavailableException"),
                ],
                b'{"__type":"ServiceUnavailableException","message":"Service is unavailable"}',
            )
        return self._with_cors(answer)

    @staticmethod
    def _with_cors(answer: Response) -> Response:
        answer.headers = [pair for pair in answer.headers if not pair[0].startswith(b"access-control-")]
        answer.drop(b"date", b"server")
        answer.headers.extend(_CORS)
        return answer
