"""Token buckets, as API Gateway throttles: a steady rate and a burst.

Source: "Throttle requests to your HTTP APIs for better throughput in API Gateway".
"""

from __future__ import annotations

import time
from collections.abc import Callable

#: Requests per second and burst of an account in most Regions ("Amazon API Gateway quotas").
ACCOUNT_RATE, ACCOUNT_BURST = 10_000.0, 5_000


class TokenBucket:
    """``burst`` tokens at most, refilled by ``rate`` tokens per second; one request takes one."""

    __slots__ = ("_clock", "_tokens", "_updated", "burst", "rate")

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._updated = clock()

    def take(self) -> bool:
        """Take a token; False when there is none (the request is to be refused with 429)."""
        now = self._clock()
        self._tokens = min(float(self.burst), self._tokens + (now - self._updated) * self.rate)
        self._updated = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


class Buckets:
    """One bucket per name, kept over reloads while its rate and burst stay as they are."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, name: str, rate: float, burst: int) -> bool:
        bucket = self._buckets.get(name)
        if bucket is None or bucket.rate != rate or bucket.burst != burst:
            bucket = self._buckets[name] = TokenBucket(rate, burst, self._clock)
        return bucket.take()
