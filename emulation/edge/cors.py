"""CORS as an HTTP API answers it. Source: "Configure CORS for HTTP APIs in API Gateway".

With a CORS configuration the API answers preflights itself, whatever routes it has, and CORS headers of the
backend are ignored. A request from an origin that is not allowed is served without CORS headers: the browser
refuses it, not the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulation.aws.messages import Headers, Request, Response


@dataclass(frozen=True, slots=True)
class CorsConfig:
    origins: tuple[str, ...]
    methods: bytes
    headers: bytes
    expose: bytes
    max_age: int | None
    credentials: bool

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> CorsConfig:
        """From ``corsConfiguration`` as GetApi returns it (names in camelCase)."""
        max_age = raw.get("maxAge")
        return cls(
            origins=tuple(origin.lower() for origin in raw.get("allowOrigins") or ()),
            methods=",".join(raw.get("allowMethods") or ()).encode(),
            headers=",".join(raw.get("allowHeaders") or ()).encode(),
            expose=",".join(raw.get("exposeHeaders") or ()).encode(),
            max_age=None if max_age is None else int(max_age),
            credentials=str(raw.get("allowCredentials", False)).lower() == "true",
        )

    def allows(self, origin: str) -> bytes | None:
        """Value of ``Access-Control-Allow-Origin`` for an origin, or None when it is not allowed."""
        asked = origin.lower()
        if "*" in self.origins:
            return b"*"
        wildcard = any(o.endswith("*") and asked.startswith(o[:-1]) for o in self.origins)
        return origin.encode("latin-1") if wildcard or asked in self.origins else None

    def response_headers(self, origin: str) -> Headers:
        allowed = self.allows(origin) if origin else None
        if allowed is None:
            return []
        headers: Headers = [(b"access-control-allow-origin", allowed)]
        if self.credentials and allowed != b"*":
            headers.append((b"access-control-allow-credentials", b"true"))
        if self.expose:
            headers.append((b"access-control-expose-headers", self.expose))
        if allowed != b"*":
            headers.append((b"vary", b"origin"))
        return headers

    def preflight(self, origin: str) -> Response:
        """204 with the configured headers; 204 without them for an origin that is not allowed."""
        headers = self.response_headers(origin)
        if headers:
            if self.methods:
                headers.append((b"access-control-allow-methods", self.methods))
            if self.headers:
                headers.append((b"access-control-allow-headers", self.headers))
            if self.max_age is not None:
                headers.append((b"access-control-max-age", str(self.max_age).encode()))
        return Response(204, headers)


def is_preflight(request: Request) -> bool:
    """Whether this is a CORS preflight (Fetch standard): OPTIONS with Origin and
    Access-Control-Request-Method.
    """
    return (
        request.method == "OPTIONS"
        and request.header(b"origin") is not None
        and request.header(b"access-control-request-method") is not None
    )
