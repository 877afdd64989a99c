"""How many people use the network at each moment of a load test: ``make load SHAPE=ramp|spike|soak``.

Without a shape, so many start at once and stay. Each shape has its own question:

- ``ramp``: at how many people does it get slow? The number grows all the time.
- ``spike``: does it recover? A tenth, all of them in the middle fifth, a tenth again.
- ``soak``: does anything leak? All of them, after a ramp of a tenth of the time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import ceil
from typing import Any, Final

from locust import LoadTestShape

#: Share of the time that is over → share of the people who are there.
SHAPES: Final[dict[str, Callable[[float], float]]] = {
    "ramp": lambda over: over,
    "spike": lambda over: 1.0 if 0.4 <= over < 0.6 else 0.1,
    "soak": lambda over: min(1.0, over * 10),
}


def chosen() -> str:
    """The name in ``ASYNCSNS_LOAD_SHAPE``; empty without one.

    Raises:
        ValueError: the shape is unknown; the message lists the shapes.
    """
    name = os.environ.get("ASYNCSNS_LOAD_SHAPE") or ""
    if name and name not in SHAPES:
        raise ValueError(f"ASYNCSNS_LOAD_SHAPE: expected one of {', '.join(SHAPES)}, got {name!r}")
    return name


def people_at(name: str, elapsed: float, seconds: float, most: int) -> int | None:
    """How many are there after ``elapsed`` of ``seconds``, at least one and ``most`` at most; None once it is over."""
    if elapsed >= seconds:
        return None
    return max(1, ceil(most * SHAPES[name](elapsed / seconds)))


class ChosenShape(LoadTestShape):
    """Locust asks it every second; ``--users`` and ``--run-time`` say how many at most, and how long."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        runner: Any = self.runner
        options = runner.environment.parsed_options
        people = people_at(chosen(), float(self.get_run_time()), float(options.run_time), options.num_users)
        return None if people is None else (people, max(1.0, float(options.spawn_rate)))
