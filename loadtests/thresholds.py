"""Thresholds: p95 in milliseconds by the name of a request, and the share of failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

P95_MS: Final[Mapping[str, float]] = {
    "GET /v1/timelines/home": 400,
    "GET /v1/users/{id}/posts": 400,
    "GET /v1/notifications": 400,
    "POST /v1/posts": 500,
    "PUT /v1/posts/{id}/like": 500,
    "GET /v1/search": 500,
    "GET /v1/search/suggest": 500,
    "chat.send -> ack": 600,
    "message -> device": 800,
    "group message -> last device": 1_500,
    "post -> timeline": 2_000,
    "post -> searchable": 2_000,
    "like -> notification": 1_500,
    "upload -> ready": 5_000,
    "call.start -> ringing": 1_000,
    "call.signal -> received": 600,
}
#: Of these people see the whole way, from what one does to what the other has.
END_TO_END: Final = (
    "post -> timeline", "post -> searchable", "like -> notification", "message -> device",
    "group message -> last device", "upload -> ready", "call.start -> ringing",
)  # fmt: skip
#: Share of failed requests above which a run fails.
MAX_FAILURES: Final = 0.01
#: Of fewer requests the p95 is that of the slowest one, a matter of chance.
LEAST_REQUESTS: Final = 20


class Verdict(StrEnum):
    """The verdict on one request name; a name without a threshold has none."""

    HELD = "held"
    MISSED = "missed"
    TOO_FEW = "too few requests to judge"
    ABSENT = "did not occur"


@dataclass(frozen=True)
class Judged:
    """A threshold and its result; ``p95`` is ``None`` when the request did not occur. Records of earlier versions have
    no ``requests``."""

    name: str
    limit: float
    p95: float | None
    requests: int = 0

    @property
    def verdict(self) -> Verdict:
        if self.p95 is None:
            return Verdict.ABSENT
        if self.requests < LEAST_REQUESTS:
            return Verdict.TOO_FEW
        return Verdict.MISSED if self.p95 > self.limit else Verdict.HELD


def judged(stats: Any) -> list[Judged]:
    """All thresholds, by the statistics of a run (Locust's ``RequestStats``)."""
    found = {
        one.name: (one.get_response_time_percentile(0.95) or 0, one.num_requests)
        for one in stats.entries.values()
        if one.num_requests
    }
    return [Judged(name, limit, *found.get(name, (None, 0))) for name, limit in P95_MS.items()]


def unjudged(stats: Any) -> list[str]:
    """Thresholds of requests that occurred too seldom, one sentence each."""
    return [
        f"{one.name}: {one.verdict}, expected at least {LEAST_REQUESTS}, got {one.requests} (p95 {one.p95:.0f} ms)"
        for one in judged(stats)
        if one.verdict is Verdict.TOO_FEW
    ]


def missed(stats: Any) -> list[str]:
    """Missed thresholds, one sentence each."""
    found = [
        f"{one.name}: p95 {one.p95:.0f} ms, expected at most {one.limit:.0f} ms"
        for one in judged(stats)
        if one.verdict is Verdict.MISSED
    ]
    if stats.total.num_requests == 0:
        found.append("no request was made")
    elif stats.total.fail_ratio > MAX_FAILURES:
        found.append(f"{stats.total.fail_ratio:.1%} of the requests failed, expected at most {MAX_FAILURES:.0%}")
    return found
