"""A CloudFront distribution as a viewer request needs it: no parsing is left for the request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from emulation.edge.policies import CachePolicy, OriginRequestPolicy, ResponseHeadersPolicy

#: How long an error is cached when the distribution says nothing (seconds).
ERROR_CACHING_DEFAULT = 10.0


@dataclass(frozen=True, slots=True)
class Origin:
    """``bucket`` is set for an S3 origin; ``signing`` is the OAC's behaviour (``always``, ``no-override``, ``never``)
    or ``""`` without an OAC."""

    origin_id: str
    domain: str
    path: str = ""
    bucket: str | None = None
    signing: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    http_port: int = 80
    https_port: int = 443
    protocol: str = "https-only"
    read_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Behavior:
    """``functions``: event type (``viewer-request``, ``viewer-response``) -> source text.
    ``keys``: Key-Pair-Id -> public key in PEM; None when the behaviour needs no signature."""

    pattern: str
    origin: Origin
    allowed_methods: frozenset[str] = frozenset(("GET", "HEAD"))
    cached_methods: frozenset[str] = frozenset(("GET", "HEAD"))
    viewer_protocol: str = "allow-all"
    compress: bool = False
    cache: CachePolicy = field(default_factory=CachePolicy)
    forward: OriginRequestPolicy = field(default_factory=OriginRequestPolicy)
    response: ResponseHeadersPolicy | None = None
    functions: dict[str, str] = field(default_factory=dict)
    keys: dict[str, bytes] | None = None

    def matches(self, path: str) -> bool:
        return pattern_regex(self.pattern).match(path) is not None


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """A custom error response; ``page`` is ``""`` when only the caching time is set."""

    page: str = ""
    status: int = 0
    caching_seconds: float = ERROR_CACHING_DEFAULT


@dataclass(frozen=True, slots=True)
class RateRule:
    """A WAF rate-based rule: more than ``limit`` requests of one address within ``window`` seconds are blocked."""

    name: str
    limit: int
    window: float
    block: bool = True
    #: 403 unless the rule has a custom response.
    status: int = 403


@dataclass(frozen=True, slots=True)
class Distribution:
    distribution_id: str
    arn: str
    domain: str
    enabled: bool
    behaviors: tuple[Behavior, ...]
    default: Behavior
    default_root: str = ""
    errors: dict[int, ErrorRule] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    rate_rules: tuple[RateRule, ...] = ()
    #: Parts of the configuration that the edge knows but does not enforce, for the health page.
    not_enforced: tuple[str, ...] = ()
    #: Invalidation id -> paths.
    invalidations: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def behavior(self, path: str) -> Behavior:
        """First behaviour whose pattern matches the path (as it was sent), else the default one."""
        path = normalized(path)
        for behavior in self.behaviors:
            if behavior.matches(path):
                return behavior
        return self.default


_ENCODED_UNRESERVED = re.compile(r"%(?:2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)", re.IGNORECASE)


def normalized(path: str) -> str:
    """The form of a path by which a behaviour is chosen; the origin and functions get the path as it was sent.

    Encoded unreserved characters are decoded (``%70`` is ``p``, ``%2F`` stays), repeated slashes are merged, dot
    segments are removed. Sources: "Cache behavior settings", Path normalization; RFC 3986, 6.2.2 and 5.2.4.
    """
    if "%" in path:
        path = _ENCODED_UNRESERVED.sub(lambda found: chr(int(found[0][1:], 16)), path)
    if "//" not in path and "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    ends_in_folder = segments[-1] in ("", ".", "..") and bool(kept)
    return "/" + "/".join(kept) + ("/" if ends_in_folder else "")


_PATTERNS: dict[str, re.Pattern[str]] = {}


def pattern_regex(pattern: str) -> re.Pattern[str]:
    """A path pattern: ``*`` is any number of characters, ``?`` exactly one, case matters, a leading ``/`` is optional.

    Source: "Distribution settings: cache behavior settings", Path pattern.
    """
    known = _PATTERNS.get(pattern)
    if known is None:
        text = pattern if pattern.startswith(("/", "*")) else "/" + pattern
        body = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in text)
        known = _PATTERNS[pattern] = re.compile(body + r"\Z", re.DOTALL)
    return known
