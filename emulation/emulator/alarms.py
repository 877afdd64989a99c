"""Evaluates alarms once a second while metrics arrive, and removes expired metrics once a minute.

MiniStack does both within each request: every PutMetricData looks through all points of all metrics, once for each
alarm. CloudWatch evaluates an alarm every ten seconds or every minute, by its period.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from typing import Any

from emulation.emulator import seams

EVALUATION_SECONDS = 1.0
EVICTION_SECONDS = 60.0

#: Account and region, to each of which alarms and metrics belong.
Place = tuple[str, str]


def evaluate_outside_of_requests() -> None:
    """Replace MiniStack's work within the request."""
    cloudwatch, responses = seams.module("services.cloudwatch"), seams.module("core.responses")

    def place() -> Place:
        return responses.get_account_id(), responses.get_region()

    cloudwatch._evaluate_all_alarms = later(cloudwatch._evaluate_all_alarms, place)
    cloudwatch._evict_old_metrics = seldom(cloudwatch._evict_old_metrics, place)


def later(evaluate: Callable[[], None], place: Callable[[], Place]) -> Callable[[], None]:
    """``evaluate`` in a second, once for all calls until then, in the context of the first of each place."""
    waiting: set[Place] = set()

    def run(where: Place) -> None:
        waiting.discard(where)
        evaluate()

    def evaluate_later() -> None:
        where = place()
        if where not in waiting:
            waiting.add(where)
            context = contextvars.copy_context()
            asyncio.get_running_loop().call_later(EVALUATION_SECONDS, run, where, context=context)

    return evaluate_later


def seldom(evict: Callable[[], Any], place: Callable[[], Place]) -> Callable[[], None]:
    """``evict`` unless it was done within the last minute."""
    due: dict[Place, float] = {}

    def evict_when_due() -> None:
        where, now = place(), time.monotonic()
        if now >= due.get(where, 0.0):
            due[where] = now + EVICTION_SECONDS
            evict()

    return evict_when_due
