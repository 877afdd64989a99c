"""How figures are computed and judged: percentiles of the bench, thresholds of the load tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from loadtests.bench.against import Taken, compared
from loadtests.bench.report import latency_figures, percentile
from loadtests.record import Moment, Record, Row
from loadtests.report import page
from loadtests.thresholds import LEAST_REQUESTS, Judged, Verdict, judged, missed, unjudged


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


def _stats(requests: int, p95: float) -> Any:
    """Locust's statistics of a run with one kind of requests."""
    entry = SimpleNamespace(
        name="POST /v1/posts", num_requests=requests, get_response_time_percentile=lambda share: p95 if share else 0
    )
    total = SimpleNamespace(num_requests=requests, fail_ratio=0.0)
    return SimpleNamespace(entries={("POST /v1/posts", "X"): entry}, total=total)


def _page(*found: Judged, missed: list[str] | None = None, language: Any = "en") -> str:
    rows = [Row(one.name, one.requests, 0, 1, 20, one.p95 or 0, one.p95 or 0) for one in found if one.p95]
    record = Record(
        "2026-12-01T00:00:00+00:00", "mix", "", "this machine", 6, 60, 12, 120, 0, rows, list(found), missed or [],
        [Moment(5.0, 6, 12.0, 0.0, 20.0, 30.0)],
    )  # fmt: skip
    return page(record, None, language)


@pytest.mark.parametrize("p95", [10.0, 9_000.0])
def test_a_percentile_of_few_requests_is_not_judged(p95: float) -> None:
    few = _stats(LEAST_REQUESTS - 1, p95)
    (one,) = [one for one in judged(few) if one.p95 is not None]
    assert (one.verdict, one.requests) == (Verdict.TOO_FEW, LEAST_REQUESTS - 1)
    assert missed(few) == []
    assert unjudged(few) == [
        f"POST /v1/posts: too few requests to judge, expected at least 20, got 19 (p95 {p95:.0f} ms)"
    ]


def test_a_percentile_of_enough_requests_is_judged() -> None:
    enough = _stats(LEAST_REQUESTS, 501)
    assert missed(enough) == ["POST /v1/posts: p95 501 ms, expected at most 500 ms"]
    assert unjudged(enough) == unjudged(_stats(LEAST_REQUESTS, 500)) == []
    assert missed(_stats(LEAST_REQUESTS, 500)) == []


def test_the_report_of_a_load_test_says_what_was_not_judged() -> None:
    few, held, late = Judged("a", 500, 900, 3), Judged("b", 500, 20, 20), Judged("c", 500, 900, 20)
    unsure = _page(few, held)
    assert "No threshold missed, but not all could be judged" in unsure
    assert "1 with fewer than 20 requests were not judged" in unsure
    assert '<td class="few">too few requests to judge (3)</td>' in unsure
    assert "All thresholds hold" not in unsure
    assert "All thresholds hold" in _page(held)
    bad = _page(few, held, late, missed=["c: p95 900 ms, expected at most 500 ms"])
    assert "1 / 2 of the judged requests" in bad and "1 with fewer than 20 requests were not judged" in bad
    assert "件数不足のため判定不可 (3)" in _page(few, language="ja")
