"""Entry of Locust: scenarios, people, progress, thresholds. ``make load`` starts it (``__main__.py``).

The variables ``ASYNCSNS_LOAD_…`` choose the scenarios: docs/settings.md.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any, Final

from locust import events
from locust.env import Environment
from locust.runners import WorkerRunner

from loadtests import judging, shapes
from loadtests.browsing import BrowsingUser
from loadtests.mix import SCENARIOS, people_of
from loadtests.people import People
from loadtests.scenarios import CallUser, ChatUser, EffectsUser, GroupUser, MediaUser
from loadtests.target import endpoints

log = logging.getLogger("loadtests")
# One line per request would bury the table.
logging.getLogger("httpx").setLevel(logging.WARNING)

#: Scenario → user class; the weights are in ``mix.py``.
CLASSES: Final[dict[str, type]] = {
    "browsing": BrowsingUser, "chat": ChatUser, "groups": GroupUser, "effects": EffectsUser, "media": MediaUser,
    "calls": CallUser,
}  # fmt: skip


def chosen() -> dict[str, type]:
    """The scenarios of ``ASYNCSNS_LOAD_SCENARIO`` (one name, or ``mix``)."""
    name = os.environ.get("ASYNCSNS_LOAD_SCENARIO") or "mix"
    if name == "mix":
        return CLASSES
    if name not in CLASSES:
        raise ValueError(f"ASYNCSNS_LOAD_SCENARIO: expected mix or one of {', '.join(CLASSES)}, got {name!r}")
    return {name: CLASSES[name]}


def _user_classes(origin: str) -> dict[str, type]:
    """The chosen classes by name, with their number or weight and the one origin."""
    found = chosen()
    users = int(os.environ.get("ASYNCSNS_LOAD_USERS") or 0)
    # The web UI asks how many there shall be: then the weights share them out.
    counts = people_of(users) if len(found) > 1 and users else {}
    for name, user in found.items():
        user.weight = SCENARIOS[name].weight  # type: ignore[attr-defined]
        user.fixed_count = counts.get(name, 0)  # type: ignore[attr-defined]
        user.host = origin  # type: ignore[attr-defined]
    return {user.__name__: user for user in found.values()}


# Of an error here Locust would print the traceback of this import.
try:
    _ENDPOINTS, _shape = endpoints(), shapes.chosen()
    _chosen = _user_classes(_ENDPOINTS.base_url)
except (FileNotFoundError, ValueError) as error:
    sys.exit(f"make load: {error}")
# Locust takes every user class that it finds in this module's namespace, under whatever name: only the chosen ones.
for _name in [name for name, value in globals().items() if value in CLASSES.values()]:
    del globals()[_name]
globals().update(_chosen)
# And the shape, if it finds one.
if _shape:
    globals()["ChosenShape"] = shapes.ChosenShape


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Sign the people in before the first second counts."""
    people = People(_ENDPOINTS)
    log.info("signing %d people in", people.count)
    people.prepare()
    environment.people = people  # type: ignore[attr-defined]


@events.test_start.add_listener
def share_people(environment: Environment, **_: Any) -> None:
    """Workers have a number only once they are connected."""
    if isinstance(environment.runner, WorkerRunner):
        environment.people.begin_at(max(0, environment.runner.worker_index))  # type: ignore[attr-defined]


judging.listen(events)
