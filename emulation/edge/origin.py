"""Fetches from the origins of a distribution: S3 buckets by OAC, API Gateway in process, other servers by HTTP.

Sources: "Request and response behavior for Amazon S3 origins", "Request and response behavior for custom origins".
"""

from __future__ import annotations

import json
import re
import time
from urllib.parse import quote, unquote

from emulation.aws.messages import HOP_BY_HOP, Headers, Request, Response
from emulation.aws.upstream import Upstream
from emulation.edge.bucket_policy import allows
from emulation.edge.cache import LARGEST_OBJECT
from emulation.edge.distribution import Behavior, Distribution
from emulation.edge.http_api import HttpApiFront

_EXECUTE_API = re.compile(r"^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$")
_POLICY_SECONDS = 5.0
#: A custom origin's body may be this long (CloudFront itself has no such limit, API Gateway does).
_BODY_LIMIT = 10 * 1024 * 1024 + 1
#: Forwarded whatever the policies say.
_ALWAYS = frozenset(
    (
        b"content-type",
        b"content-length",
        b"range",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"if-unmodified-since",
        b"x-amzn-trace-id",
    )
)
_S3_PASSED = frozenset((b"range", b"if-match", b"if-modified-since", b"if-none-match", b"if-unmodified-since"))
_S3_DROPPED = (
    b"date",
    b"server",
    b"x-amzn-requestid",
    b"x-amz-request-id",
    b"x-amz-id-2",
    b"access-control-allow-origin",
    b"access-control-allow-methods",
    b"access-control-allow-headers",
    b"access-control-expose-headers",
)


def s3_error(status: int, code: str, text: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>'
    return Response(status, [(b"content-type", b"application/xml"), (b"server", b"AmazonS3")], body.encode())


class Origins:
    """Fetches for a behaviour; raises UnreachableError and UpstreamTimeoutError as `Upstream` does."""

    def __init__(self, emulator: Upstream, outside: Upstream, http_apis: HttpApiFront) -> None:
        self._emulator = emulator
        self._outside = outside
        self._http_apis = http_apis
        self._policies: dict[str, tuple[float, dict[str, object] | None]] = {}

    def forget_policies(self) -> None:
        self._policies.clear()

    async def fetch(self, distribution: Distribution, behavior: Behavior, request: Request) -> Response:
        """``request`` is the viewer's, as functions left it and without CloudFront's own parameters."""
        if behavior.origin.bucket is not None:
            return await self._from_bucket(distribution, behavior, behavior.origin.bucket, request)
        return await self._from_server(behavior, request)

    async def _from_bucket(
        self, distribution: Distribution, behavior: Behavior, bucket: str, request: Request
    ) -> Response:
        if request.method not in ("GET", "HEAD"):
            return s3_error(403, "AccessDenied", "Access Denied")
        # S3 decodes the whole path, once, and resolves nothing in it: a second slash or ``..`` is part of the key.
        key = unquote(behavior.origin.path + request.target).removeprefix("/")
        policy = await self._policy(bucket)
        arn = distribution.arn if behavior.origin.signing in ("always", "no-override") else ""
        if not allows(policy, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", arn):
            return s3_error(403, "AccessDenied", "Access Denied")
        target = f"/{bucket}/{quote(key, safe='/~')}"
        headers = self._emulator.as_root("s3", request.method, target)
        headers += [pair for pair in request.headers if pair[0] in _S3_PASSED]
        answer = await self._emulator.send(
            request.method,
            target,
            headers,
            seconds=behavior.origin.read_seconds,
            stream_over=LARGEST_OBJECT,
        )
        if answer.status == 404 and not allows(policy, "s3:ListBucket", f"arn:aws:s3:::{bucket}", arn):
            return s3_error(403, "AccessDenied", "Access Denied")
        answer.drop(*_S3_DROPPED)
        answer.headers.append((b"server", b"AmazonS3"))
        return answer

    async def _policy(self, bucket: str) -> dict[str, object] | None:
        known = self._policies.get(bucket)
        now = time.monotonic()
        if known is not None and now - known[0] < _POLICY_SECONDS:
            return known[1]
        answer = await self._emulator.get_root("s3", f"/{bucket}?policy")
        policy = json.loads(answer.body) if answer.status == 200 else None
        self._policies[bucket] = (now, policy)
        return policy

    async def _from_server(self, behavior: Behavior, request: Request) -> Response:
        origin = behavior.origin
        outgoing = origin_request(behavior, request)
        found = _EXECUTE_API.match(origin.domain)
        if found is not None:
            return await self._http_apis.handle(found[1], outgoing.target, outgoing)
        secure = origin.protocol == "https-only" or (origin.protocol == "match-viewer" and request.scheme == "https")
        scheme, port = ("https", origin.https_port) if secure else ("http", origin.http_port)
        query = f"?{outgoing.query}" if outgoing.query else ""
        return await self._outside.send(
            request.method,
            f"{scheme}://{origin.domain}:{port}{outgoing.target}{query}",
            outgoing.headers,
            await request.body(_BODY_LIMIT),
            seconds=origin.read_seconds,
            stream_over=LARGEST_OBJECT,
        )


def _chosen(behavior: Behavior, headers: Headers) -> Headers:
    """Viewer headers that the policies include, and those that are always sent."""
    cache, forward = behavior.cache, behavior.forward
    named = {name for name, _ in behavior.origin.headers}
    left_out = HOP_BY_HOP | named | {b"cookie", b"via", b"x-forwarded-for", b"host"}
    if cache.gzip or cache.brotli:
        left_out |= {b"accept-encoding"}
    return [
        (name, value)
        for name, value in headers
        if name not in left_out
        and (name in _ALWAYS or any(policy.headers.takes(name.decode("latin-1")) for policy in (cache, forward)))
    ]


def _of_cloudfront(behavior: Behavior, request: Request, chosen: Headers) -> Headers:
    """The headers that CloudFront itself sends."""
    whole_host = behavior.cache.headers.takes("host") or behavior.forward.headers.takes("host")
    host = request.text_header(b"host") if whole_host else behavior.origin.domain
    earlier, viewer = request.header(b"x-forwarded-for"), request.client.encode()
    agent = [] if any(name == b"user-agent" for name, _ in chosen) else [(b"user-agent", b"Amazon CloudFront")]
    return [
        *agent,
        (b"host", host.encode("latin-1")),
        (b"x-forwarded-for", earlier + b", " + viewer if earlier else viewer),
        (b"via", b"1.1 edge.cloudfront.net (CloudFront)"),
        *behavior.origin.headers,
    ]


def origin_request(behavior: Behavior, request: Request) -> Request:
    """What CloudFront sends to a custom origin: only what the policies choose, and its own headers."""
    cache, forward = behavior.cache, behavior.forward
    headers = _chosen(behavior, request.headers)
    query = list(dict.fromkeys(cache.query.query(request.query) + forward.query.query(request.query)))
    cookie = request.text_header(b"cookie")
    cookies = list(dict.fromkeys(cache.cookies.cookies(cookie) + forward.cookies.cookies(cookie)))
    if cookies:
        headers.append((b"cookie", "; ".join(cookies).encode("latin-1")))
    headers += _of_cloudfront(behavior, request, headers)
    return Request(
        method=request.method,
        target=behavior.origin.path + request.target,
        query="&".join(query),
        headers=headers,
        client=request.client,
        scheme=request.scheme,
        port=request.port,
        receive=request.receive,
        content=request.content,
    )
