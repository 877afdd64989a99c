"""Entry of Locust: the mix, the thresholds, the people.

``make load`` runs it headless; ``make load SCENARIO=chat`` one scenario; ``make load LOCUST="--master"`` and
``LOCUST="--worker"`` distribute it.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from locust import events
from locust.env import Environment

from kit.client import Endpoints
from loadtests.people import People
from loadtests.scenarios import CallUser, ChatUser, NotificationUser, PostingUser, SearchUser

log = logging.getLogger("loadtests")
# One line per request would bury the table.
logging.getLogger("httpx").setLevel(logging.WARNING)

#: Scenario → (user class, weight in the mix).
MIX: dict[str, tuple[type, int]] = {
    "posting": (PostingUser, 10),
    "search": (SearchUser, 4),
    "chat": (ChatUser, 3),
    "notifications": (NotificationUser, 2),
    "calls": (CallUser, 1),
}

#: Name of a request → p95 in milliseconds that must hold; a name that did not occur is not judged.
THRESHOLDS_P95_MS: dict[str, float] = {
    "GET /v1/timelines/home": 400,
    "POST /v1/posts": 500,
    "PUT /v1/posts/{id}/like": 500,
    "GET /v1/search": 500,
    "GET /v1/search/suggest": 500,
    "chat.send -> ack": 600,
    "chat.send -> received": 800,
    "like -> notification": 1_500,
    "call.start -> ringing": 1_000,
    "call.signal -> received": 600,
}
#: Share of failed requests above which a run fails.
MAX_FAILURES = 0.01


def chosen() -> dict[str, tuple[type, int]]:
    """The scenarios of ``ASYNCSNS_LOAD_SCENARIO`` (one name, or ``mix``)."""
    name = os.environ.get("ASYNCSNS_LOAD_SCENARIO") or "mix"
    if name == "mix":
        return MIX
    if name not in MIX:
        raise ValueError(f"ASYNCSNS_LOAD_SCENARIO: expected mix or one of {', '.join(MIX)}, got {name!r}")
    return {name: MIX[name]}


_ENDPOINTS = Endpoints.load()


def _user_classes() -> dict[str, type]:
    """The chosen classes by name, with their weights and the one origin."""
    for user, weight in MIX.values():
        user.weight = weight  # type: ignore[attr-defined]
        user.host = _ENDPOINTS.base_url  # type: ignore[attr-defined]
    return {user.__name__: user for user, _ in chosen().values()}


# Locust takes every user class that it finds in this module's namespace, under whatever name: only the chosen ones.
for _name in [name for name, value in globals().items() if value in [user for user, _ in MIX.values()]]:
    del globals()[_name]
globals().update(_user_classes())


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Sign the people in before the first second counts."""
    people = People(_ENDPOINTS)
    log.info("signing %d people in", people.count)
    people.prepare()
    environment.people = people  # type: ignore[attr-defined]


def missed(stats: Any) -> list[str]:
    """What is over its threshold, one sentence each."""
    found = []
    for entry in stats.entries.values():
        limit = THRESHOLDS_P95_MS.get(entry.name)
        p95 = entry.get_response_time_percentile(0.95) or 0
        if limit is not None and p95 > limit:
            found.append(f"{entry.name}: p95 {p95:.0f} ms, expected at most {limit:.0f} ms")
    if stats.total.num_requests == 0:
        found.append("no request was made")
    elif stats.total.fail_ratio > MAX_FAILURES:
        found.append(f"{stats.total.fail_ratio:.1%} of the requests failed, expected at most {MAX_FAILURES:.0%}")
    return found


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """A missed threshold makes the run exit 1."""
    found = missed(environment.stats)
    for line in found:
        log.error("threshold missed: %s", line)
    environment.process_exit_code = 1 if found else 0
