"""How figures are computed and judged: percentiles of the bench, thresholds of the load tests."""

from __future__ import annotations

from loadtests.bench.against import Taken, compared
from loadtests.bench.report import latency_figures, percentile


def test_percentiles_are_nearest_rank() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert percentile(hundred, 0.95) == 95
    assert percentile(hundred, 0.5) == 50
    assert percentile([7.0], 0.99) == 7
    assert [round(one.value) for one in latency_figures("s", "n", [0.010, 0.020, 0.030])] == [20, 30, 30]


def test_a_comparison_is_the_median_of_the_rounds_ratios_with_its_spread() -> None:
    here = [Taken(20, 50, 4), Taken(30, 60, 5), Taken(10, 40, 6)]
    there = [Taken(10, 100, 8), Taken(10, 100, 10), Taken(10, 100, 8)]
    figures = {one.name: one for one in compared("read, 8 clients", "abc", here, there)}
    assert figures["read, 8 clients: rate"].value == 20
    assert figures["read, 8 clients: rate of abc"].value == 10
    ratio = figures["read, 8 clients: rate: ratio"]
    assert (ratio.value, ratio.note) == (2, "1.00 to 3.00")
    assert figures["read, 8 clients: p95: ratio"].value == 0.5
    assert figures["read, 8 clients: processor time: ratio"].value == 0.5
