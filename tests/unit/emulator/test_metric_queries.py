"""Points older than two weeks are dropped; a metric without points loses its name."""

from __future__ import annotations

import time
from types import SimpleNamespace

from emulation.emulator.metric_index import MetricIndex
from emulation.emulator.metric_queries import MetricQueries

DAY = 24 * 3600


def test_points_of_two_weeks_are_kept() -> None:
    now = time.time()
    recent, old = {"Timestamp": now - 13 * DAY}, {"Timestamp": now - 15 * DAY}
    both, gone = ("n", "both", ""), ("n", "gone", "")
    metrics = {both: [recent, old], gone: [old]}
    kept = metrics[both]
    MetricQueries(SimpleNamespace(_metrics=metrics, TWO_WEEKS_SECONDS=14 * DAY), MetricIndex()).drop_old()
    assert metrics == {both: [recent]}
    # It stays the same list object: another thread may be appending to it.
    assert metrics[both] is kept
