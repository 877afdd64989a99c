"""Cache, origin request and response headers policies of a distribution.

Sources: "Control the cache key with a policy", "Control origin requests with a policy", "Add or remove HTTP headers in
CloudFront responses with a policy".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from emulation.aws.messages import Request, Response


@dataclass(frozen=True, slots=True)
class Selection:
    """Which names are included: ``none``, ``whitelist`` (the names), ``all`` or ``allExcept`` (all but the names)."""

    kind: str = "none"
    names: frozenset[str] = frozenset()

    def takes(self, name: str) -> bool:
        if self.kind == "whitelist":
            return name in self.names
        return self.kind == "all" or (self.kind == "allExcept" and name not in self.names)

    def query(self, query: str) -> list[str]:
        """The included ``name=value`` parts of a query string, in the viewer's order."""
        if self.kind == "none" or not query:
            return []
        parts = query.split("&")
        return [part for part in parts if part and self.takes(unquote_plus(part.partition("=")[0]))]

    def cookies(self, header: str) -> list[str]:
        """The included ``name=value`` parts of a Cookie header."""
        if self.kind == "none" or not header:
            return []
        parts = (part.strip() for part in header.split(";"))
        return [part for part in parts if part and self.takes(part.partition("=")[0])]


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Times in seconds. With a maximum of 0 nothing but errors is cached."""

    minimum: float = 0
    default: float = 86_400
    maximum: float = 31_536_000
    gzip: bool = False
    brotli: bool = False
    headers: Selection = field(default_factory=Selection)
    cookies: Selection = field(default_factory=Selection)
    query: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class OriginRequestPolicy:
    headers: Selection = field(default_factory=Selection)
    cookies: Selection = field(default_factory=Selection)
    query: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class PolicyCors:
    origins: tuple[str, ...]
    methods: bytes
    headers: bytes
    expose: bytes
    max_age: bytes
    credentials: bool
    override: bool


@dataclass(frozen=True, slots=True)
class ResponseHeadersPolicy:
    """``headers``: (name, value, override) of security and custom headers together."""

    headers: tuple[tuple[bytes, bytes, bool], ...] = ()
    remove: tuple[bytes, ...] = ()
    cors: PolicyCors | None = None

    def apply(self, request: Request, response: Response) -> None:
        if self.remove:
            response.drop(*self.remove)
        for name, value, override in self.headers:
            if override or response.header(name) is None:
                response.set(name, value)
        if self.cors is not None:
            self._apply_cors(self.cors, request, response)

    @staticmethod
    def _apply_cors(cors: PolicyCors, request: Request, response: Response) -> None:
        origin = request.text_header(b"origin")
        if not origin:
            return
        if response.header(b"access-control-allow-origin") is not None and not cors.override:
            return
        if "*" in cors.origins:
            allowed = b"*"
        elif origin in cors.origins:
            allowed = origin.encode("latin-1")
        else:
            return
        response.set(b"access-control-allow-origin", allowed)
        if cors.credentials:
            response.set(b"access-control-allow-credentials", b"true")
        if cors.expose:
            response.set(b"access-control-expose-headers", cors.expose)
        if request.method == "OPTIONS":
            response.set(b"access-control-allow-methods", cors.methods)
            response.set(b"access-control-allow-headers", cors.headers)
            if cors.max_age:
                response.set(b"access-control-max-age", cors.max_age)
