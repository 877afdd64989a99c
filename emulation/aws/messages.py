"""Requests and responses as the edge passes them between its parts: bytes as on the wire, names in lower
case.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Headers = list[tuple[bytes, bytes]]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Meant for one connection only (RFC 9110, 7.6.1): never passed on.
HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)


class BodyTooLargeError(Exception):
    """The request body is longer than the limit in force."""


@dataclass(slots=True)
class Request:
    """One HTTP request. ``target`` is the path as sent (still percent-encoded), without the query string."""

    method: str
    target: str
    query: str
    headers: Headers
    client: str
    scheme: str
    port: int
    receive: Receive | None = None
    content: bytes | None = None

    @classmethod
    def from_scope(cls, scope: Scope, receive: Receive) -> Request:
        raw = scope.get("raw_path") or scope["path"].encode()
        client = scope.get("client") or ("127.0.0.1", 0)
        server = scope.get("server") or ("127.0.0.1", 80)
        return cls(
            method=scope["method"],
            target=raw.split(b"?", 1)[0].decode("latin-1"),
            query=scope.get("query_string", b"").decode("latin-1"),
            headers=list(scope["headers"]),
            client=client[0],
            scheme=scope.get("scheme", "http"),
            port=server[1] or 80,
            receive=receive,
        )

    def header(self, name: bytes) -> bytes | None:
        """First value of a header (``name`` in lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def text_header(self, name: bytes, default: str = "") -> str:
        value = self.header(name)
        return default if value is None else value.decode("latin-1")

    async def body(self, limit: int) -> bytes:
        """The whole body.

        Raises:
            BodyTooLargeError: it is longer than ``limit`` bytes; nothing beyond the limit was kept.
        """
        if self.content is not None:
            return self.content
        length = self.header(b"content-length")
        if length is not None and length.isdigit() and int(length) > limit:
            raise BodyTooLargeError
        if self.receive is None or (length is None and self.header(b"transfer-encoding") is None):
            self.content = b""
            return self.content
        parts: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("the viewer left before the whole request was sent")
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise BodyTooLargeError
            parts.append(part)
            more = message.get("more_body", False)
        self.content = b"".join(parts)
        return self.content


@dataclass(slots=True)
class Response:
    """One HTTP response: ``body`` whole, or ``stream`` when it is too big to keep."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None

    def header(self, name: bytes) -> bytes | None:
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def set(self, name: bytes, value: bytes) -> None:
        """Replace every value of a header by one."""
        self.headers = [pair for pair in self.headers if pair[0] != name]
        self.headers.append((name, value))

    def drop(self, *names: bytes) -> None:
        self.headers = [pair for pair in self.headers if pair[0] not in names]


async def respond(response: Response, send: Send, *, head: bool = False) -> int:
    """Send a response to an ASGI server; returns how many body bytes were sent. ``head``: headers only."""
    headers = response.headers
    if response.stream is None and response.status not in (204, 304) and response.header(b"content-length") is None:
        headers = [*headers, (b"content-length", str(len(response.body)).encode())]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if head or response.stream is None:
        body = b"" if head else response.body
        await send({"type": "http.response.body", "body": body})
        if response.stream is not None:
            await _close(response.stream)
        return len(body)
    sent = 0
    async for part in response.stream:
        sent += len(part)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return sent


async def _close(stream: AsyncIterator[bytes]) -> None:
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()
