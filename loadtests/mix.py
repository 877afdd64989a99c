"""The traffic mix: two tables of weights, and where each comes from.

Sources:
[1] R. Krikorian, "Timelines at Scale", QCon San Francisco 2012: 300,000 reads of home timelines a second beside 6,000
    posts, 50 to 1.
[2] N. Bronson et al., "TAO: Facebook's Distributed Data Store for the Social Graph", USENIX ATC 2013: 99.8 % of the
    requests read. Reads dominate wherever it was measured.
[3] ``loadtests/cost/habits.json``: our assumption of what one daily user does in a day.

With [1] alone a run of a minute would have a handful of posts, and measure little of the work that a post causes. So
writes are about five times as frequent here as there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Weight:
    """A share in its table, and the reason for it."""

    weight: int
    source: str


#: Actions of a browsing person, by the name in the report.
ACTIONS: Final[Mapping[str, Weight]] = {
    "GET /v1/timelines/home": Weight(60, "[1], [2]: the home timeline is most of all requests"),
    "GET /v1/users/{id}/posts": Weight(20, "one profile for every three reads of the timeline: assumption"),
    "PUT /v1/posts/{id}/like": Weight(
        6, "[3]: one like for three reads; fewer here, because reads include those of other people"
    ),
    "GET /v1/search": Weight(5, "[3]: one search for fifteen reads"),
    "POST /v1/posts": Weight(5, "[1] would be 1; see above"),
    "GET /v1/notifications": Weight(2, "assumption"),
    "GET /v1/search/suggest": Weight(2, "assumption"),
}

#: Of the people who are there, so many do this. Each is there at least once, in a mix of any size.
SCENARIOS: Final[Mapping[str, Weight]] = {
    "browsing": Weight(70, "[2]: reads dominate"),
    "chat": Weight(10, "[3]: eight messages beside fifteen reads, by people who do little else meanwhile"),
    "groups": Weight(5, "half of the chats: assumption"),
    "effects": Weight(5, "measures the effects of a post; not a user's habit"),
    "media": Weight(5, "[3]: a photo for two or three posts"),
    "calls": Weight(5, "assumption; short ones"),
}


def people_of(users: int) -> dict[str, int]:
    """How many of ``users`` play each scenario: one each, and the rest by weight (largest remainder).

    Raises:
        ValueError: they are fewer than the scenarios.
    """
    if users < len(SCENARIOS):
        raise ValueError(f"USERS: expected {len(SCENARIOS)} or more for the mix, one for each scenario, got {users}")
    rest, total = users - len(SCENARIOS), sum(one.weight for one in SCENARIOS.values())
    exact = {name: rest * one.weight / total for name, one in SCENARIOS.items()}
    counts = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: counts[name] - exact[name])
    for name in by_remainder[: rest - sum(counts.values())]:
        counts[name] += 1
    return {name: 1 + count for name, count in counts.items()}
