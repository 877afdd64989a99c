"""AWS WAF rate-based rules at the edge. Source: "Using rate-based rule statements in AWS WAF".

Every browser, test and load generator of a laptop has the address 127.0.0.1, so that one address is exempt; others
(``curl --interface 127.0.0.2``) are counted as AWS counts viewers.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable

from emulation.edge.distribution import RateRule

#: In a container the whole laptop comes from one bridge address: ``EMULATION_WAF_EXEMPT=172.17.0.1``.
EXEMPT = frozenset(("127.0.0.1", "::1", *os.environ.get("EMULATION_WAF_EXEMPT", "").split(",")))


class RateLimiter:
    """Requests per rule and address within the rule's window."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], deque[float]] = {}

    def blocks(self, rules: Iterable[RateRule], address: str) -> RateRule | None:
        """Count a request; the rule that blocks it, if one does."""
        if address in EXEMPT:
            return None
        now = self._clock()
        blocking: RateRule | None = None
        for rule in rules:
            seen = self._seen.setdefault((rule.name, address), deque(maxlen=rule.limit + 1))
            while seen and seen[0] <= now - rule.window:
                seen.popleft()
            seen.append(now)
            if blocking is None and rule.block and len(seen) > rule.limit:
                blocking = rule
        return blocking
