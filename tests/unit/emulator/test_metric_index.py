"""The index returns the same periods as a scan of all points, whatever was added and dropped in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulation.emulator.metric_index import MetricIndex, Point, is_between, put_together, shrink

TIMES = st.integers(0, 900).map(lambda tenths: 1_000 + tenths / 10)
EDGES = st.none() | st.floats(990, 1_100)


def point(at: float, value: float = 1.0, **more: Any) -> Point:
    return {"Timestamp": at, "Value": value, "Unit": "None", **more}


def counted(points: Sequence[Point]) -> list[tuple[float, float]]:
    """Each value and its count."""
    return [(one["Value"], one.get("Count", 1.0)) for one in points]


def looked_through(
    metrics: Sequence[list[Point]], seconds: int, begin: float | None, end: float | None
) -> dict[int, list[Point]]:
    found: dict[int, list[Point]] = {}
    for one in (one for points in metrics for one in points if is_between(one, begin, end)):
        found.setdefault(int(one["Timestamp"] // seconds) * seconds, []).append(one)
    return dict(sorted(found.items()))


def by_index(index: MetricIndex, *asked: Any) -> dict[int, list[Point]]:
    return {start: found.points for start, found in index.between(*asked)}


@given(
    batches=st.lists(st.lists(TIMES, max_size=12), min_size=1, max_size=5),
    kept=st.integers(1, 30),
    seconds=st.sampled_from((1, 10, 60)),
    edges=st.tuples(EDGES, EDGES),
)
def test_periods_are_those_of_all_points(
    batches: list[list[float]], kept: int, seconds: int, edges: tuple[float | None, float | None]
) -> None:
    index, others = MetricIndex(), [point(1_030.5), point(1_007)]
    points: list[Point] = []
    for batch in batches:
        points += map(point, batch)
        for metrics in ([points], [points, others], []):
            expected = looked_through(metrics, seconds, *edges)
            found = by_index(index, metrics, seconds, *edges)
            assert (list(found), found) == (list(expected), expected)
        index.keep_most([points, others], kept, now=1_060)
        assert len(points) <= kept
    assert by_index(index, [points], seconds, *edges) == looked_through([points], seconds, *edges)


@given(times=st.lists(TIMES, max_size=20), begin=TIMES)
def test_old_points_are_dropped_wherever_they_are(times: list[float], begin: float) -> None:
    index, points = MetricIndex(), list(map(point, times))
    index.between([points], 10, None, None)
    assert index.keep_since(points, begin) == any(at >= begin for at in times)
    assert [one["Timestamp"] for one in points] == [at for at in times if at >= begin]
    assert by_index(index, [points], 10, None, None) == looked_through([points], 10, None, None)


def test_a_statistic_is_cached_until_its_points_change() -> None:
    asked: list[int] = []

    def total(points: Sequence[Point], _: str) -> float:
        asked.append(len(points))
        return float(sum(one["Value"] for one in points))

    index, points = MetricIndex(), [point(960, 1), point(961, 2), point(1_020, 4)]

    def totals(begin: float | None = None) -> list[float | None]:
        return [found.value("Sum", total) for _, found in index.between([points], 60, begin, None)]

    assert totals() == totals() == [3, 4]
    assert asked == [2, 1]
    points.append(point(1_021, 8))
    assert totals() == totals() == [3, 12]
    assert asked == [2, 1, 2]
    assert totals(961) == [2, 12]


def test_a_busy_metric_keeps_the_counts_of_all_its_minutes() -> None:
    points = [point(second / 100) for second in range(0, 60_000, 2)]
    MetricIndex().keep_most([points], kept=4_000, now=600)
    assert counted(points) == [(1.0, 3_000.0)] * 10
    assert [one["Timestamp"] for one in points] == [60.0 * minute for minute in range(10)]


def test_values_lose_digits_before_points_are_lost_and_the_minute_that_runs_keeps_all() -> None:
    points = [point(at, 100 + at / 100) for at in range(130)]
    shrink(points, kept=40, now=130)
    assert [value for value, _ in counted(points[:-10])] == [100.0, 101.0, 101.0]
    assert counted(points[-10:]) == [(100 + at / 100, 1.0) for at in range(120, 130)]
    assert sum(count for _, count in counted(points)) == 130


def test_the_oldest_points_are_dropped_when_no_values_are_equal() -> None:
    points = [point(at, 2.0**at) for at in range(100)]
    shrink(points, kept=40, now=1_000)
    assert [one["Timestamp"] for one in points] == list(range(70, 100))


def test_units_minutes_and_statistic_sets_stay_apart() -> None:
    points = [
        point(0, 1), point(1, 1, Unit="Count"), point(2, 1, Count=3.0), point(3, 1, _stat={"SampleCount": 2}),
        point(4, 1, _stat={"SampleCount": 2}), point(60, 1),
    ]  # fmt: skip
    found = put_together(points, None)
    assert counted(found) == [(1, 4.0), (1, 1.0), (1, 1.0), (1, 1.0), (1, 1.0)]
    assert (found[1]["Unit"], [one["Timestamp"] for one in found]) == ("Count", [0, 1, 3, 4, 60])
    assert points[0] == point(0, 1)


def test_the_index_drops_removed_lists() -> None:
    index = MetricIndex()
    gone, there = [point(1_000)], [point(1_000)]
    index.between([gone, there], 60, None, None)
    index.keep_most([there, came := [point(1_000)]], 10, now=1_000)
    assert [one.points for one in index._indexed.values()] == [there, came]


def test_periods_of_several_metrics_are_put_together() -> None:
    index = MetricIndex()
    found = index.between([[point(1_000, 1)], [point(1_000, 2), point(1_100, 3)]], 60, None, None)
    assert [(start, [one["Value"] for one in of.points]) for start, of in found] == [(960, [1, 2]), (1_080, [3])]


def test_points_of_a_metric_share_dimensions_and_unit() -> None:
    points = [{**point(at), "Unit": unit, "Dimensions": {"Queue": "mails"}} for at, unit in ((1, "Count"), (2, "None"))]
    points += [{**point(3), "Unit": "".join(("Co", "unt")), "Dimensions": {"Queue": "mails"}}]
    MetricIndex().keep_most([points], kept=10, now=120)
    assert [one["Unit"] for one in points] == ["Count", "None", "Count"]
    assert all(one["Dimensions"] == {"Queue": "mails"} for one in points)
    assert points[0]["Dimensions"] is points[1]["Dimensions"] is points[2]["Dimensions"]
    assert points[0]["Unit"] is points[2]["Unit"]
