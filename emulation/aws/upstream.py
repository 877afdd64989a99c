"""The pooled HTTP client through which edge and WebTransport server reach the emulator.

aiohttp, because of this hop's cost (figures in docs/emulation/edge.md). Idle connections are dropped before the
emulator's own keep-alive limit of five seconds ends, so that a request never meets a connection that is just
being closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from emulation.aws.messages import HOP_BY_HOP, Headers, Response
from emulation.settings import DEFAULT_CREDENTIALS, REGION
from emulation.signature import Credentials, signed_headers

_KEEP_ALIVE_SECONDS = 3.0
_STREAM_CHUNK = 64 * 1024
_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class UnreachableError(Exception):
    """Nothing listens at the emulator's address, or the connection broke before the response."""


class BrokenError(UnreachableError):
    """The request was sent, but the connection broke before the whole response arrived."""


class UpstreamTimeoutError(Exception):
    """The whole response did not arrive within the time limit."""


class Upstream:
    """Sends requests to one base URL, for example ``http://127.0.0.1:4566``; use as an async context
    manager. ``credentials`` are the root user's.
    """

    def __init__(self, base: str, credentials: Credentials = DEFAULT_CREDENTIALS) -> None:
        self.base = base.rstrip("/")
        self._host = urlsplit(self.base).netloc
        self._credentials = credentials
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Upstream:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_AUTOMATIC,
            read_bufsize=256 * 1024,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("Upstream: expected to be used inside `async with`")
        return self._session

    async def send(
        self,
        method: str,
        target: str,
        headers: Headers,
        body: bytes = b"",
        *,
        seconds: float,
        stream_over: int = 0,
    ) -> Response:
        """Send one request and read the answer.

        ``target`` is path and query as they go on the wire. An answer longer than ``stream_over`` bytes (when
        set) comes back as a stream.

        Raises:
            UnreachableError: no connection; as `BrokenError` when it broke.
            UpstreamTimeoutError: no whole answer within ``seconds``.
        """
        pairs = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in headers if k not in HOP_BY_HOP]
        limit = aiohttp.ClientTimeout(total=None, sock_connect=2.0, sock_read=seconds)
        try:
            answer = await self.session.request(
                method,
                URL(self.base + target, encoded=True),
                headers=pairs,
                data=body or None,
                allow_redirects=False,
                timeout=limit,
            )
            kept = [(k.lower(), v) for k, v in answer.raw_headers if k.lower() not in HOP_BY_HOP]
            length = answer.content_length
            if stream_over and method != "HEAD" and (length is None or length > stream_over):
                return Response(answer.status, kept, stream=_parts(answer))
            content = await answer.read()
        except TimeoutError as error:
            raise UpstreamTimeoutError(str(error)) from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError) as error:
            raise BrokenError(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachableError(str(error)) from error
        return Response(answer.status, kept, content)

    def as_root(self, service: str, method: str, target: str, body: bytes = b"") -> Headers:
        """The headers that sign a request as the account's root user."""
        signed = signed_headers(self._credentials, REGION, service, method, self._host, target, body)
        return [(name.encode(), value.encode()) for name, value in signed.items()]

    async def get_root(self, service: str, target: str, seconds: float = 5.0) -> Response:
        """GET as the account's root user: for reading what was deployed."""
        return await self.send("GET", target, self.as_root(service, "GET", target), seconds=seconds)

    async def post_root(self, service: str, headers: dict[str, str], body: bytes) -> Response:
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return await self.send("POST", "/", [*pairs, *self.as_root(service, "POST", "/", body)], body, seconds=5.0)


async def _parts(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for part in answer.content.iter_chunked(_STREAM_CHUNK):
            yield part
    finally:
        answer.release()
