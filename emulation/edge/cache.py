"""The edge cache: least recently used, bounded in bytes, in memory.

Sources: "Manage how long content stays in the cache (expiration)", "How CloudFront processes HTTP 4xx and 5xx status
codes from your origin", "Invalidate files to remove content".
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from emulation.aws.messages import Response
from emulation.edge.distribution import ErrorRule, pattern_regex
from emulation.edge.policies import CachePolicy

CAPACITY_BYTES = 64 * 1024 * 1024
#: Larger objects pass through and are not kept. What CloudFront compresses is not larger.
LARGEST_OBJECT = 10_000_000

#: Errors that CloudFront caches always, and those it caches only when the origin sets a lifetime.
_CACHED_ERRORS = frozenset((404, 410, 414, 500, 501, 502, 503, 504))
_CACHED_ERRORS_WITH_LIFETIME = frozenset((400, 403, 405, 412, 415))
#: Of the former, those for which ``no-store``, ``no-cache`` and ``private`` are honoured.
_OBEDIENT_ERRORS = frozenset((404, 410, 414, 501))
_MAX_AGE = re.compile(r"(?:^|[,\s])(s-maxage|max-age)\s*=\s*\"?(\d+)", re.IGNORECASE)
_FORBIDS = re.compile(r"(?:^|[,\s])(no-store|no-cache|private)(?:$|[,;=\s])", re.IGNORECASE)

Key = tuple[object, ...]


@dataclass(slots=True)
class Entry:
    """A cached answer: as the origin gave it, and the compressed forms made of it so far."""

    response: Response
    path: str
    stored: float
    lifetime: float
    age: float = 0.0
    compressed: dict[str, bytes] = field(default_factory=dict)

    def fresh(self, now: float) -> bool:
        return now - self.stored < self.lifetime

    def size(self) -> int:
        return len(self.response.body) + sum(map(len, self.compressed.values())) + 512

    def copy(self) -> Response:
        return Response(self.response.status, list(self.response.headers), self.response.body)


def origin_lifetime(response: Response) -> float | None:
    """Seconds the origin allows: s-maxage before max-age before Expires; None when it says nothing."""
    control = (response.header(b"cache-control") or b"").decode("latin-1")
    found = {name.lower(): float(value) for name, value in _MAX_AGE.findall(control)}
    if found:
        return found.get("s-maxage", found.get("max-age"))
    expires = response.header(b"expires")
    if expires is None:
        return None
    try:
        return max(0.0, parsedate_to_datetime(expires.decode("latin-1")).timestamp() - time.time())
    except ValueError:
        return 0.0


def _forbidden(response: Response) -> bool:
    return _FORBIDS.search((response.header(b"cache-control") or b"").decode("latin-1")) is not None


def lifetime(response: Response, policy: CachePolicy, errors: dict[int, ErrorRule]) -> float:
    """Seconds for which an answer is cached; 0: not at all."""
    if response.status >= 400:
        return _error_lifetime(response, policy, errors)
    if response.status not in (200, 203, 204, 301, 302, 307, 308):
        return 0.0
    if _forbidden(response):
        return policy.minimum
    allowed = origin_lifetime(response)
    if allowed is None:
        return max(policy.minimum, policy.default)
    return min(max(allowed, policy.minimum), max(policy.maximum, policy.minimum))


def _error_lifetime(response: Response, policy: CachePolicy, errors: dict[int, ErrorRule]) -> float:
    status = response.status
    allowed = origin_lifetime(response)
    minimum = errors[status].caching_seconds if status in errors else ErrorRule().caching_seconds
    if status in _CACHED_ERRORS_WITH_LIFETIME and allowed is None and status not in errors:
        return 0.0
    if status not in _CACHED_ERRORS | _CACHED_ERRORS_WITH_LIFETIME:
        return 0.0
    if status in _OBEDIENT_ERRORS and _forbidden(response):
        return 0.0
    return max(minimum, min(allowed or 0.0, policy.maximum))


class Cache:
    """Entries by key; the clock is monotonic seconds."""

    def __init__(self, capacity: int = CAPACITY_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._capacity = capacity
        self._clock = clock
        self.bytes = 0
        #: How many invalidations there were. An answer that was asked for before one must not be kept after it.
        self.purges = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The entry, fresh or stale, or None."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, response: Response, path: str, seconds: float) -> Entry | None:
        """Keep an answer; None when it is too big."""
        if response.stream is not None or len(response.body) > LARGEST_OBJECT:
            return None
        age = response.header(b"age") or b"0"
        kept = Response(response.status, list(response.headers), response.body)
        entry = Entry(kept, path, self._clock(), seconds, float(age) if age.isdigit() else 0.0)
        self._drop(key)
        self._entries[key] = entry
        self.bytes += entry.size()
        self._shrink()
        return entry

    def renew(self, entry: Entry, seconds: float) -> None:
        """The origin said 304: the entry is fresh again."""
        entry.stored = self._clock()
        entry.lifetime = seconds

    def add_compressed(self, entry: Entry, encoding: str, body: bytes) -> None:
        entry.compressed[encoding] = body
        self.bytes += len(body)
        self._shrink()

    def age(self, entry: Entry) -> int:
        return int(self._clock() - entry.stored + entry.age)

    def fresh(self, entry: Entry) -> bool:
        return entry.fresh(self._clock())

    def purge(self, distribution: str, paths: Iterable[str]) -> int:
        """Invalidate: each path may end in ``*``; returns how many entries went."""
        self.purges += 1
        patterns = [pattern_regex(path) for path in paths]
        doomed = [
            key
            for key, entry in self._entries.items()
            if key[0] == distribution and any(pattern.match(entry.path) for pattern in patterns)
        ]
        for key in doomed:
            self._drop(key)
        return len(doomed)

    def clear(self) -> int:
        """Drop everything; returns how many entries went."""
        self.purges += 1
        dropped = len(self._entries)
        self._entries.clear()
        self.bytes = 0
        return dropped

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size()

    def _shrink(self) -> None:
        while self.bytes > self._capacity and self._entries:
            _, entry = self._entries.popitem(last=False)
            self.bytes -= entry.size()
