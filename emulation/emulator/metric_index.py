"""The points of each metric by the period that they belong to, so that a statistic is worked out once and kept.

MiniStack looks through all metrics, and through all points of those that match, at each query of a request: half a
thousand queries of the console keep it from all other work for seconds. Here a query finds its metric by name, and a
period whose points are known is not looked at again. Answers are the same.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

MINUTE = 60
Point = dict[str, Any]
#: A statistic of points by its name (``Sum``, ``p95``); ``None`` where they have none.
Statistic = Callable[[Sequence[Point], str], float | None]


class PeriodPoints:
    """Points of one period, and the statistics of them that were asked for."""

    __slots__ = ("_known", "points")

    def __init__(self, points: Iterable[Point] = ()) -> None:
        self.points: list[Point] = list(points)
        self._known: dict[str, float | None] = {}

    def add(self, point: Point) -> None:
        self.points.append(point)
        self._known.clear()

    def value(self, name: str, statistic: Statistic) -> float | None:
        if name not in self._known:
            self._known[name] = statistic(self.points, name)
        return self._known[name]


class _Periods:
    """One metric's points by periods of one length."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._by_start: dict[int, PeriodPoints] = {}
        self._starts: list[int] = []
        self._read = 0

    def read(self, points: list[Point]) -> None:
        """Take what came since the last look."""
        for point in islice(points, self._read, None):
            start = self._start(point)
            of_period = self._by_start.get(start)
            if of_period is None:
                of_period = self._by_start[start] = PeriodPoints()
                insort(self._starts, start)
            of_period.add(point)
            self._read += 1
            share(points[0], point)

    def between(self, begin: float | None, end: float | None) -> Iterator[tuple[int, PeriodPoints]]:
        """Periods from ``begin`` up to ``end``, in order; of one that is partly outside, the points that are inside."""
        first = 0 if begin is None else bisect_left(self._starts, begin - self._seconds)
        last = len(self._starts) if end is None else bisect_left(self._starts, end)
        for start in self._starts[first:last]:
            found = self._by_start[start]
            if (begin is not None and start < begin) or (end is not None and start + self._seconds > end):
                found = PeriodPoints(one for one in found.points if is_between(one, begin, end))
            if found.points:
                yield start, found

    def _start(self, point: Point) -> int:
        return int(point["Timestamp"] // self._seconds) * self._seconds


class _Indexed:
    """The list in which MiniStack keeps the points of one metric, and what was read of it."""

    def __init__(self, points: list[Point]) -> None:
        self.points = points
        self.by_length: dict[int, _Periods] = {}


class MetricIndex:
    """Reads points when they are asked for. Functions' threads add points meanwhile, at the end of a list."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: By the id of the list, which is kept here, so that the id is not another's.
        self._indexed: dict[int, _Indexed] = {}

    def between(
        self, metrics: Sequence[list[Point]], seconds: int, begin: float | None, end: float | None
    ) -> list[tuple[int, PeriodPoints]]:
        """Start and points of each period that has some, of all ``metrics`` together."""
        with self._lock:
            found = [list(self._periods(points, seconds).between(begin, end)) for points in metrics]
        if len(found) == 1:
            return found[0]
        together: dict[int, list[Point]] = {}
        for start, of_period in (row for rows in found for row in rows):
            together.setdefault(start, []).extend(of_period.points)
        return [(start, PeriodPoints(points)) for start, points in sorted(together.items())]

    def keep_most(self, metrics: Iterable[list[Point]], kept: int, now: float) -> None:
        """No metric has more than ``kept`` points, and what is known of other lists is forgotten.

        What came is read by minutes, so that the first query finds it read.
        """
        there = set()
        for points in metrics:
            there.add(id(points))
            with self._lock:
                if len(points) > kept:
                    shrink(points, kept, now)
                    self._indexed.pop(id(points), None)
                self._periods(points, MINUTE)
        with self._lock:
            for gone in self._indexed.keys() - there:
                del self._indexed[gone]

    def keep_since(self, points: list[Point], begin: float) -> bool:
        """Points of before ``begin`` are dropped; whether any is left."""
        with self._lock:
            if any(one["Timestamp"] < begin for one in points):
                points[:] = [one for one in points if one["Timestamp"] >= begin]
                self._indexed.pop(id(points), None)
        return bool(points)

    def _periods(self, points: list[Point], seconds: int) -> _Periods:
        indexed = self._indexed.setdefault(id(points), _Indexed(points))
        periods = indexed.by_length.get(seconds)
        if periods is None:
            periods = indexed.by_length[seconds] = _Periods(seconds)
        periods.read(points)
        return periods


def share(first: Point, point: Point) -> None:
    """Dimensions and unit of a metric's points are those of its first one, in memory too: each has copies of its own,
    which take more room than the rest of it."""
    for name in ("Dimensions", "Unit"):
        if name in first and first[name] == point.get(name):
            point[name] = first[name]


def shrink(points: list[Point], kept: int, now: float) -> None:
    """To three quarters of ``kept``, so that it is seldom done.

    Of minutes that are over, equal values are put together. If that is not enough, so are values of which three digits
    are equal; then the oldest points are dropped.
    """
    room, minute = kept * 3 // 4, now // MINUTE
    over = next((place for place, one in enumerate(points) if one["Timestamp"] // MINUTE >= minute), len(points))
    for digits in (None, 3):
        together = put_together(points[:over], digits)
        points[:over] = together
        over = len(together)
        if len(points) <= room:
            return
    del points[: len(points) - room]


def put_together(points: Iterable[Point], digits: int | None) -> list[Point]:
    """Values of one minute and unit that are equal become one point, at the time of the first."""
    found: dict[tuple[Any, ...], Point] = {}
    for place, point in enumerate(points):
        value = point["Value"]
        if digits is not None:
            value = float(f"{value:.{digits}g}")
        # A statistic set has no value of its own.
        key = (place,) if "_stat" in point else (point["Timestamp"] // MINUTE, point["Unit"], value)
        first = found.get(key)
        if first is None:
            found[key] = point if value == point["Value"] else {**point, "Value": value}
        else:
            found[key] = {**first, "Count": first.get("Count", 1.0) + point.get("Count", 1.0)}
    return list(found.values())


def is_between(point: Point, begin: float | None, end: float | None) -> bool:
    """The end is not part of it."""
    at = point["Timestamp"]
    return (begin is None or at >= begin) and (end is None or at < end)
