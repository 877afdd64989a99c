"""``python -m emulation.relay NAME URL``: a guarded proxy for a server that is not ours, on the port of that name.

In Compose the real OpenSearch listens on its container's loopback alone; this answers beside it, to everybody else.
"""

from __future__ import annotations

import contextlib
import json
import sys

from emulation.aws.messages import BodyTooLargeError, Request, Response, respond
from emulation.aws.upstream import UnreachableError, Upstream, UpstreamTimeoutError
from emulation.guard import Receive, Scope, Send
from emulation.private import keep_private
from emulation.serving import serve
from emulation.settings import SERVERS, Settings

#: OpenSearch's own ``http.max_content_length``.
BODY_LIMIT = 100 * 1024 * 1024
_SECONDS = 60.0
_STREAM_OVER = 1024 * 1024


class Relay:
    """Passes requests on as they are; not for sockets."""

    def __init__(self, name: str, upstream: Upstream) -> None:
        self._name = name
        self._upstream = upstream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            request = Request.from_scope(scope, receive)
            with contextlib.suppress(ConnectionResetError):
                await respond(await self._answer(request), send, head=request.method == "HEAD")

    async def _answer(self, request: Request) -> Response:
        if request.target == "/_health":
            return _json(200, service=self._name, status="ok")
        target = request.target + (f"?{request.query}" if request.query else "")
        # LocalStack checks the links of S3, whose signatures cover the host.
        headers = [pair for pair in request.headers if pair[0] != b"host" or self._name == "emulator"]
        try:
            body = await request.body(BODY_LIMIT)
            answer = await self._upstream.send(
                request.method, target, headers, body, seconds=_SECONDS, stream_over=_STREAM_OVER
            )
            # This server sends its own; SDKs that find two can't tell how far their clock is off.
            answer.drop(b"date", b"server")
            return answer
        except BodyTooLargeError:
            return _json(413, message=f"expected at most {BODY_LIMIT} bytes")
        except UpstreamTimeoutError:
            return _json(504, message=f"no answer within {_SECONDS:.0f} seconds")
        except UnreachableError:
            return _json(503, message=f"nothing answers at {self._upstream.base}")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._upstream:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _json(code: int, **document: str) -> Response:
    return Response(code, [(b"content-type", b"application/json")], json.dumps(document).encode())


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM; 2 for other arguments than a server's name and where it is."""
    if len(arguments) != 2 or arguments[0] not in SERVERS:
        print(f"expected one of {', '.join(SERVERS)} and a URL, got {' '.join(arguments)!r}", file=sys.stderr)
        return 2
    keep_private()
    name, url = arguments
    serve(name, Relay(name, Upstream(url)), Settings())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
