"""Token buckets, as API Gateway throttles: a steady rate and a burst.

Source: "Throttle requests to your HTTP APIs for better throughput in API Gateway".
"""

from __future__ import annotations

import time
from collections.abc import Callable

from emulation.token_bucket import TokenBucket

#: Requests per second and burst of an account in most Regions ("Amazon API Gateway quotas").
ACCOUNT_RATE, ACCOUNT_BURST = 10_000.0, 5_000


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
