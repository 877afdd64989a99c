"""GetMetricData and GetMetricStatistics by the index of points, and which points are kept.

Requests in JSON, as SDKs write them, are answered here; those of other forms by MiniStack. Both answer the same.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Final

from emulation.emulator import seams
from emulation.emulator.metric_index import MetricIndex, Point, is_between

_BASIC: Final = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")
_PERIOD: Final = 60
#: Of all queries, and of alarms.
INDEX: Final = MetricIndex()

Answer = tuple[int, dict[str, str], bytes]


def answer_from_index() -> None:
    """Take the place of MiniStack's queries, and of how it drops what is older than two weeks."""
    cloudwatch = seams.module("services.cloudwatch")
    queries = MetricQueries(cloudwatch, INDEX)
    data, statistics = cloudwatch._get_metric_data, cloudwatch._get_metric_statistics

    def get_data(params: Any, request: Any, is_cbor: bool, is_json: bool = False) -> Any:
        return _answer(queries.data(request)) if is_json else data(params, request, is_cbor, is_json)

    def get_statistics(params: Any, request: Any, is_cbor: bool, is_json: bool = False) -> Any:
        return _answer(queries.statistics(request)) if is_json else statistics(params, request, is_cbor, is_json)

    cloudwatch._get_metric_data, cloudwatch._get_metric_statistics = get_data, get_statistics
    cloudwatch._evict_old_metrics = queries.drop_old


def forget_old_points(kept: int) -> None:
    """MiniStack keeps every point of a metric for two weeks."""
    INDEX.keep_most(list(seams.module("services.cloudwatch")._metrics._data.values()), kept, time.time())


class MetricQueries:
    """Questions of the account and region that ask now."""

    def __init__(self, cloudwatch: Any, index: MetricIndex) -> None:
        self._cloudwatch = cloudwatch
        self._index = index

    def data(self, request: dict[str, Any]) -> dict[str, Any]:
        begin, end = self._times(request)
        results = [self._result(query, begin, end) for query in request.get("MetricDataQueries", [])]
        return {"MetricDataResults": [one for one in results if one is not None]}

    def _result(self, query: dict[str, Any], begin: float | None, end: float | None) -> dict[str, Any] | None:
        shown = {"Id": query.get("Id", ""), "Label": query.get("Label", query.get("Id", ""))}
        if query.get("Expression"):
            unsupported = {"Code": "Unsupported", "Value": "Expressions not implemented"}
            return {**shown, "StatusCode": "InternalError", "Messages": [unsupported], "Timestamps": [], "Values": []}
        if not query.get("ReturnData", True):
            return None
        asked = query.get("MetricStat", {})
        metric, stat = asked.get("Metric", {}), asked.get("Stat", "Average")
        points = self._points(metric.get("Namespace", ""), metric.get("MetricName", ""), metric.get("Dimensions"))
        periods = self._index.between(points, int(asked.get("Period", _PERIOD)), begin, end)
        values = [(start, one.value(stat, self._statistic)) for start, one in periods]
        known = [(start, value) for start, value in values if value is not None]
        rows = {"Timestamps": [start for start, _ in known], "Values": [value for _, value in known]}
        return {**shown, **rows, "StatusCode": "Complete"}

    def statistics(self, request: dict[str, Any]) -> dict[str, Any]:
        (begin, end), name = self._times(request), request.get("MetricName")
        basic, extended = request.get("Statistics", []), request.get("ExtendedStatistics", [])
        points = self._points(request.get("Namespace"), name, request.get("Dimensions"))
        unit = next((one["Unit"] for of_one in points for one in of_one if is_between(one, begin, end)), "None")
        datapoints = []
        for start, found in self._index.between(points, int(request.get("Period") or _PERIOD), begin, end):
            known = self._cloudwatch._calc_stats(found.points)
            shown = basic or (() if extended else _BASIC)
            point = {"Timestamp": start, "Unit": unit, **{one: known[one] for one in shown if one in known}}
            percentiles = {one: found.value(one, self._statistic) for one in extended if self._is_percentile(one)}
            if kept := {one: value for one, value in percentiles.items() if value is not None}:
                point["ExtendedStatistics"] = kept
            datapoints.append(point)
        return {"Datapoints": datapoints, "Label": name}

    def drop_old(self) -> None:
        """What is older than CloudWatch's shortest periods are kept."""
        metrics, begin = self._cloudwatch._metrics, time.time() - self._cloudwatch.TWO_WEEKS_SECONDS
        for key, points in list(metrics.items()):
            if not self._index.keep_since(points, begin):
                metrics.pop(key, None)

    def _times(self, request: dict[str, Any]) -> tuple[float | None, float | None]:
        parse = self._cloudwatch._parse_ts
        return parse(request.get("StartTime")), parse(request.get("EndTime"))

    def _points(self, namespace: Any, name: Any, dimensions: Any) -> list[list[Point]]:
        """Of the metric with these dimensions; of all of this name where none are given, as MiniStack has it."""
        metrics, given = self._cloudwatch._metrics, self._cloudwatch._dims_from_list(dimensions or [])
        if given:
            points = metrics.get((namespace, name, self._cloudwatch._dims_key(given)))
            return [] if points is None else [points]
        return [points for (of, named, _), points in metrics.items() if (of, named) == (namespace, name)]

    def _statistic(self, points: Sequence[Point], name: str) -> float | None:
        found: float | None = self._cloudwatch._stat_value(self._cloudwatch._calc_stats(points), name, points)
        return found

    def _is_percentile(self, name: str) -> bool:
        return bool(self._cloudwatch._is_percentile_stat(name))


def _answer(body: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()
