"""The guard of every local listener: this machine is not a public server.

A listener on loopback is open to every web page that the user visits: browsers send requests to 127.0.0.1 for any
page, and a page whose own host name resolves to 127.0.0.1 (DNS rebinding) may even read the answers. So each request is
checked first:

1. ``Host`` is a name of this machine, or a configured one.
2. ``Origin``, which browsers send with every changing request, is an origin of our own.
3. ``Sec-Fetch-Site`` (Fetch Metadata), which they send with everything, does not name a foreign page; opening a page
   or following a link (a top-level navigation) is allowed where pages are served, and to a server of the emulation that
   forwards requests that its own guard accepted.
4. Helpers, which change the state of a server, require a header that no page can send without a preflight.
   Our own servers identify themselves by it; the guard removes it, so that no application sees it.

Responses to accepted requests get the configured security headers, unless the application sets its own.

Programs other than browsers send neither 2 nor 3 and need not. Plain ASGI and standard library only:
the emulator's environment runs it too. The rules are passed in (``emulation/doors.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Callers of helpers send this header with this value.
HELPER_HEADER, HELPER_VALUE = "X-Asyncsns", "kit"
HELPER_HEADERS = {HELPER_HEADER: HELPER_VALUE}
#: Names by which any machine calls itself; names below ``localhost`` cannot be registered (RFC 6761, 6.3), and all of
#: 127.0.0.0/8 is this machine (RFC 1122, 3.2.1.3), where it is written as browsers write it.
MACHINE = frozenset(("localhost", "127.0.0.1", "[::1]"))
_BELOW_MACHINE = re.compile(r"[a-z0-9._-]+\.localhost|127(?:\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}")
_NAME_AND_PORT = re.compile(r"(.*):[0-9]{1,5}", re.DOTALL)

_TOKEN, _TOKEN_VALUE = HELPER_HEADER.lower().encode(), HELPER_VALUE.encode()
_READ = frozenset((b"host", b":authority", b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest", _TOKEN))
_BY_BROWSERS = frozenset((b"origin", b"sec-fetch-site"))
_OWN_SITES = frozenset((b"none", b"same-origin"))
#: Of an answer that no page shall frame, take for another type or put to use.
REFUSAL_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_MISDIRECTED, _FORBIDDEN = 421, 403
#: Host values (a name with a port) that were allowed once are not taken apart again; a client could send many.
_REMEMBERED = 256


@dataclass(frozen=True)
class Doors:
    """The rules of one listener. Names in lower case and without a port."""

    #: Host names besides ``MACHINE``.
    hosts: frozenset[str] = frozenset()
    #: Origins whose pages may call, as browsers spell them: ``http://localhost:8080``.
    origins: frozenset[str] = frozenset()
    #: Paths (and all below them) of helpers.
    helpers: tuple[str, ...] = ()
    #: Paths among those of helpers (and all below one that ends with a slash) that need no header: what they serve is
    #: public, or protected by a secret in the link.
    without_header: tuple[str, ...] = ()
    #: Names that are known at run time only, such as those of a deployed distribution.
    serves: Callable[[str], bool] = lambda name: False
    #: Names that are not served although this machine has them.
    refuses: Callable[[str], bool] = lambda name: False
    #: Whether a link on any page may open this path and query string (as sent).
    opens: Callable[[str, bytes], bool] = lambda path, query: False
    #: Headers of every answer that has no such header of its own, names in lower case.
    always: tuple[tuple[bytes, bytes], ...] = ()
    #: The same, for browsers alone: SDKs would pay for reading them.
    for_browsers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Why a request is not served: an HTTP status and a sentence."""

    status: int
    message: str


class Judge:
    """Checks requests of one listener, for every protocol."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._names = MACHINE | doors.hosts
        self._origins = frozenset(one.encode("latin-1") for one in doors.origins)
        self._known_hosts: set[bytes] = set()

    def refusal(self, method: str, path: str, query: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Refusal | None:
        """Why a request is refused, or None when it may pass; header names in lower case."""
        found: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in _READ:
                if name in found:
                    return Refusal(_FORBIDDEN, f"{name.decode()}: expected once, got twice")
                found[name] = value
        host = found.get(b"host") or found.get(b":authority", b"")
        if host not in self._known_hosts and not self._is_ours(host):
            return _misdirected(host)
        is_of_kit = found.get(_TOKEN) == _TOKEN_VALUE
        origin = found.get(b"origin")
        if origin is not None:
            if origin not in self._origins:
                return _foreign_origin(origin)
        elif (site := found.get(b"sec-fetch-site")) is not None and site not in _OWN_SITES:
            is_opened = found.get(b"sec-fetch-mode") == b"navigate" and found.get(b"sec-fetch-dest") == b"document"
            if not (is_opened and method in ("GET", "HEAD") and (is_of_kit or self._doors.opens(path, query))):
                return _foreign_page(site)
        if path.startswith(self._doors.helpers) and not is_of_kit and not self._is_without_header(path):
            return Refusal(_FORBIDDEN, f"expected the header {HELPER_HEADER}: {HELPER_VALUE}, which helpers ask for")
        return None

    def _is_without_header(self, path: str) -> bool:
        return any(path == one or (one.endswith("/") and path.startswith(one)) for one in self._doors.without_header)

    def _is_ours(self, host: bytes) -> bool:
        name = name_of(host.decode("latin-1"))
        if self._doors.refuses(name):
            return False
        if name in self._names or _BELOW_MACHINE.fullmatch(name):
            if len(self._known_hosts) < _REMEMBERED:
                self._known_hosts.add(host)
            return True
        return self._doors.serves(name)


class Guard:
    """Wraps one listener's application: answers refused requests and passes on the others, unchanged except for the
    header of helpers.
    """

    def __init__(self, app: AsgiApp, doors: Doors) -> None:
        self._app = app
        self._judge = Judge(doors)
        self._always, self._for_browsers = doors.always, doors.for_browsers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        method, query = scope.get("method", "GET"), scope.get("query_string", b"")
        refusal = self._judge.refusal(method, scope["path"], query, scope["headers"])
        if refusal is None:
            names = {name for name, _ in scope["headers"]}
            if _TOKEN in names:
                scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != _TOKEN]}
            await self._app(scope, receive, self._adding(send, names))
        elif scope["type"] == "http":
            await _answer(send, refusal, "http.response")
        else:
            await receive()
            await _answer(send, refusal, "websocket.http.response")

    def _adding(self, send: Send, asked: set[bytes]) -> Send:
        added = self._always
        if self._for_browsers and not _BY_BROWSERS.isdisjoint(asked):
            added += self._for_browsers
        return _with_headers(send, added) if added else send


def _with_headers(send: Send, added: tuple[tuple[bytes, bytes], ...]) -> Send:
    async def send_with(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            there = {name.lower() for name, _ in headers}
            message = {**message, "headers": [*headers, *[pair for pair in added if pair[0] not in there]]}
        await send(message)

    return send_with


def name_of(host: str) -> str:
    """The name in a ``Host`` header, without the port, in lower case; an IPv6 address keeps its brackets."""
    found = _NAME_AND_PORT.fullmatch(host.lower())
    return found[1] if found else host.lower()


def _shown(value: bytes) -> str:
    """As much of a header as a message may repeat."""
    return repr(value[:100].decode("latin-1"))


def _misdirected(host: bytes) -> Refusal:
    allow = "EMULATION_ALLOWED_HOSTS allows further names"
    expected = "expected localhost, 127.0.0.1 or a name of this network"
    return Refusal(_MISDIRECTED, f"Host: {expected}, got {_shown(host)}; {allow}")


def _foreign_origin(origin: bytes) -> Refusal:
    allow = "EMULATION_ALLOWED_ORIGINS allows further ones"
    return Refusal(_FORBIDDEN, f"Origin: expected an origin of this network, got {_shown(origin)}; {allow}")


def _foreign_page(site: bytes) -> Refusal:
    expected = "expected a request of this listener's own pages, or of no page"
    return Refusal(_FORBIDDEN, f"Sec-Fetch-Site: {expected}, got {_shown(site)}")


async def _answer(send: Send, refusal: Refusal, kind: str) -> None:
    """Without CORS headers, so that no page reads it; the connection ends, because no body was read."""
    body = json.dumps({"message": refusal.message}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *REFUSAL_HEADERS,
        (b"connection", b"close"),
    ]
    await send({"type": f"{kind}.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})
