"""Values of metrics by period. What was read is kept: a page asks only for the periods that may still change."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

#: ``GetMetricData`` takes so many queries at once.
_QUERIES: Final = 500
#: Seconds after which no value comes for a period: functions' lines are read every ten seconds.
_SETTLES_AFTER: Final = 300
#: No page shows an older value.
_LONGEST: Final = 24 * 3600

#: The start of each period (epoch seconds) and its value, in order.
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Statistic:
    """One statistic of one metric. ``dimensions``: name and value of each."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str
    period: int

    def query(self, name: str) -> dict[str, Any]:
        dimensions = [{"Name": key, "Value": value} for key, value in self.dimensions]
        metric = {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}
        return {"Id": name, "MetricStat": {"Metric": metric, "Period": self.period, "Stat": self.stat}}


@dataclass
class _Known:
    """``begin``, ``end``: epoch seconds of the time that was read."""

    begin: float
    end: float
    points: dict[float, float] = field(default_factory=dict)


class KeptValues:
    """Asks CloudWatch; safe to use from several threads, of which one asks at a time."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch
        self._lock = threading.Lock()
        self._known: dict[Statistic, _Known] = {}

    def of(self, statistics: Iterable[Statistic], begin: float, now: float) -> dict[Statistic, Points]:
        """Of each the periods from ``begin`` on."""
        asked = dict.fromkeys(statistics)
        with self._lock:
            for start, together in self._unknown(asked, begin).items():
                for first in range(0, len(together), _QUERIES):
                    self._read(together[first : first + _QUERIES], start, now)
            self._known = {one: known for one, known in self._known.items() if known.end > now - _LONGEST}
            return {one: self._since(one, begin) for one in asked}

    def count(self) -> int:
        """How many statistics are kept."""
        return len(self._known)

    def _since(self, one: Statistic, begin: float) -> Points:
        first = begin // one.period * one.period
        return sorted(row for row in self._known[one].points.items() if row[0] >= first)

    def _unknown(self, asked: Iterable[Statistic], begin: float) -> dict[float, list[Statistic]]:
        """By the time from which on values are needed. Periods are read whole."""
        found: dict[float, list[Statistic]] = {}
        for one in asked:
            known = self._known.get(one)
            reads_on = known is not None and known.begin <= begin <= known.end
            start = max(begin, known.end - _SETTLES_AFTER) if known and reads_on else begin
            found.setdefault(start // one.period * one.period, []).append(one)
        return found

    def _read(self, together: Sequence[Statistic], start: float, now: float) -> None:
        asked = {f"m{number}": one for number, one in enumerate(together)}
        answer = self._cloudwatch.get_metric_data(
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(now, UTC),
            MetricDataQueries=[one.query(name) for name, one in asked.items()],
        )
        for one in together:
            self._forget(one, start, now)
        for result in answer["MetricDataResults"]:
            times = [one.timestamp() for one in result["Timestamps"]]
            self._known[asked[result["Id"]]].points.update(zip(times, result["Values"], strict=True))

    def _forget(self, one: Statistic, start: float, now: float) -> None:
        """What was asked for again, and what no page shows any more."""
        known = self._known.get(one)
        if known is None or not known.begin <= start <= known.end:
            self._known[one] = _Known(start, now)
            return
        known.points = {at: value for at, value in known.points.items() if now - _LONGEST <= at < start}
        known.begin, known.end = max(known.begin, now - _LONGEST), now
