"""The bench's call timeline: medians of the marks that most calls have."""

from __future__ import annotations

from typing import Any, cast

from playwright.sync_api import Page

from loadtests.bench.call_timeline import Timeline


class MarkedPage:
    """A page with fixed performance marks."""

    def __init__(self, **marks: float) -> None:
        self.marks = marks

    def evaluate(self, _: str) -> dict[str, float]:
        return self.marks


def test_medians_are_in_time_order_without_rare_marks() -> None:
    timeline = Timeline()
    for delay in (10, 30, 20):
        caller = MarkedPage(sends=1000 + delay, hears=1000 + 5 * delay)
        rare: dict[str, Any] = {"reconnects": 1001} if delay == 10 else {}
        callee = MarkedPage(rings=1000 + 2 * delay, **rare)
        timeline.add(1000, {"caller": cast(Page, caller), "callee": cast(Page, callee)})
    assert [(one.name, one.value, one.note) for one in timeline.figures()] == [
        ("… caller sends", 20, "p50 of 3"),
        ("… callee rings", 40, "p50 of 3"),
        ("… caller hears", 100, "p50 of 3"),
    ]
