"""The ASGI application of the CloudFront listeners (8080 and 8443)."""

from __future__ import annotations

import time
from collections.abc import Callable

from emulation.aws.messages import Receive, Request, Response, Scope, Send, respond
from emulation.edge import edge_log
from emulation.edge.distribution import Distribution
from emulation.edge.gateway import Administration
from emulation.edge.log_file import LogFile
from emulation.edge.tracing import Trace, Tracer
from emulation.edge.viewer import Exchange, Viewer, new_identity

_TRACE = b"x-amzn-trace-id"


class CloudFrontApp:
    """Chooses the distribution by Host; an unknown Host goes to the first one."""

    def __init__(
        self,
        viewer: Viewer,
        distributions: Callable[[], dict[str, Distribution]],
        admin: Administration,
        access_log: LogFile,
        tracer: Tracer | None = None,
    ) -> None:
        """``tracer``: for requests that bring a trace header. On AWS, CloudFront passes it on and sends no segment."""
        self._tracer = tracer
        self._viewer = viewer
        self._distributions = distributions
        self._admin = admin
        self._log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request.from_scope(scope, receive)
        admin = await self._admin.answer(request)
        if admin is not None:
            await respond(admin, send, head=request.method == "HEAD")
            return
        distribution = choose(self._distributions(), request.text_header(b"host"))
        if distribution is None:
            await respond(_nothing_deployed(), send)
            return
        await self._serve(distribution, request, send)

    async def _serve(self, distribution: Distribution, request: Request, send: Send) -> None:
        begun = time.perf_counter()
        viewer = Request(
            request.method, request.target, request.query, request.headers, request.client, request.scheme, request.port
        )
        trace = self._trace(request)
        exchange = Exchange(distribution, request, new_identity(), trace=trace.header() if trace else None)
        try:
            response = await self._viewer.answer(exchange)
        except ConnectionResetError:
            return
        response.drop(b"connection", b"keep-alive")
        response.headers += [
            (b"x-cache", f"{exchange.result} from cloudfront".encode()),
            (b"via", b"1.1 edge.cloudfront.net (CloudFront)"),
            (b"x-amz-cf-pop", edge_log.LOCATION.encode()),
            (b"x-amz-cf-id", exchange.identity.encode()),
        ]
        sent = await respond(response, send, head=viewer.method == "HEAD")
        viewer.content = request.content
        taken = time.perf_counter() - begun
        self._log.write(
            edge_log.line(viewer, response, sent, taken, exchange.result, exchange.identity, distribution.domain)
        )
        if trace and self._tracer:
            self._tracer.end(
                trace, viewer.method, viewer.target, response.status, sent, viewer.client,
                viewer.text_header(b"user-agent"), "AWS::CloudFront::Distribution", {"result": exchange.result},
            )  # fmt: skip

    def _trace(self, request: Request) -> Trace | None:
        """Replaces any trace header that a viewer sent: ``Viewer`` sets this one instead."""
        header = request.header(_TRACE)
        return self._tracer.start_for_viewer(header.decode("latin-1")) if self._tracer and header else None


def choose(distributions: dict[str, Distribution], host: str) -> Distribution | None:
    """The distribution whose domain name or alias is the Host, else the first enabled one."""
    name = host.partition(":")[0].lower()
    enabled = [d for d in distributions.values() if d.enabled]
    for distribution in enabled:
        if name == distribution.domain.lower() or name in distribution.aliases:
            return distribution
    return enabled[0] if enabled else None


def _nothing_deployed() -> Response:
    body = b"No distribution is known yet: the network is starting, or nothing is deployed.\n"
    return Response(503, [(b"content-type", b"text/plain"), (b"retry-after", b"2")], body)
