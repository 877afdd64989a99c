"""The choice of 10,000 followers as the limit of fan-out: a simulation with follower counts like Twitter's.

In 2009 these followed a power law with exponent 2.276 (Kwak, Lee, Park, Moon: "What is Twitter, a social network or a
news media?", WWW 2010). An author below the threshold is fanned out: one write per follower who was here lately. One
above is read: every follower asks for the author's posts with each page of the home timeline.
"""

from __future__ import annotations

import bisect
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

EXPONENT: Final = 2.276
_LEAST, _MOST = 10, 10_000_000
_AUTHORS: Final = 200_000
THRESHOLDS: Final = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
#: Followers who were here within ``TIMELINE_ACTIVE_DAYS``, and of these, who come on a day.
_ACTIVE, _DAILY = 0.5, 0.3
#: Lines that one message of the fan-out writes. It sends the message for the next page first; assumed seconds from a
#: message to the one after it.
_PAGE, _HOP_SECONDS = 200, 0.04
_WRITE_USD, _READ_USD = 0.625e-6, 0.125e-6
#: A query for one author's latest posts.
_QUERY_UNITS: Final = 0.5


@dataclass(frozen=True)
class Outcome:
    """The result of one threshold, for all authors together. Seconds are until the last follower has the post."""

    threshold: int
    merged_authors: int
    writes_usd: float
    reads_usd: float
    slowest_seconds: float
    #: Merged authors that an average reader follows: queries added to each page.
    queries_per_page: float

    @property
    def usd(self) -> float:
        return self.writes_usd + self.reads_usd


def followers(count: int = _AUTHORS, seed: int = 1) -> list[int]:
    """Follower counts, largest first (inverse transform of the truncated power law)."""
    chance = random.Random(seed)
    power = 1 - EXPONENT
    low, high = _LEAST**power, _MOST**power
    return sorted((int((low + chance.random() * (high - low)) ** (1 / power)) for _ in range(count)), reverse=True)


def simulate(counts: Sequence[int], posts_a_day: float, pages_a_day: float) -> list[Outcome]:
    """A day's cost at each threshold. Everybody is an author and a reader."""
    ascending = sorted(counts)
    found = []
    for threshold in THRESHOLDS:
        split = bisect.bisect_left(ascending, threshold)
        fanned, merged = ascending[:split], ascending[split:]
        writes = sum(fanned) * _ACTIVE * posts_a_day
        # Everybody who reads asks once per merged author whom they follow, with each page.
        queries = sum(merged) * _DAILY * pages_a_day
        slowest = (fanned[-1] if fanned else 0) * _ACTIVE / _PAGE * _HOP_SECONDS
        found.append(
            Outcome(
                threshold, len(merged), writes * _WRITE_USD, queries * _QUERY_UNITS * _READ_USD, slowest,
                sum(merged) / len(counts),
            )
        )  # fmt: skip
    return found
