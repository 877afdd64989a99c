"""Alarms with their state and reason, and the deployed dashboards with their values, as CloudWatch has them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_STATES: Final = ("ALARM", "INSUFFICIENT_DATA", "OK")
#: The one kind of expression that is read: all metrics of a namespace with these dimensions, of one name or any.
_SEARCH = re.compile(r"""SEARCH\('\{([^,}]+)((?:,[^}]+)?)\}\s*(?:MetricName="([^"]+)")?\s*',\s*'([^']+)',\s*(\d+)\)""")
#: ``GetMetricData`` takes so many queries at once.
_QUERIES: Final = 500
_PERIOD: Final = 60
_THROTTLES: Final = ("ReadThrottleEvents", "WriteThrottleEvents")


@dataclass
class _Series:
    """One line of a widget."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    stat: str
    period: int
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """What tells it from others, beginning with what differs least often."""
        return [*self.dimensions.values(), self.name, self.stat]

    def query(self, name: str) -> dict[str, Any]:
        dimensions = [{"Name": key, "Value": value} for key, value in self.dimensions.items()]
        metric = {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}
        return {"Id": name, "MetricStat": {"Metric": metric, "Period": self.period, "Stat": self.stat}}


class MetricReader:
    """Asks a client of CloudWatch."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch

    def alarms(self) -> list[dict[str, Any]]:
        """All alarms: those in ALARM first, then by name."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate()
        found = [_alarm(one) for page in pages for one in page["MetricAlarms"]]
        return sorted(found, key=lambda one: (_STATES.index(one["state"]), one["name"]))

    def dashboards(self, minutes: int) -> list[dict[str, Any]]:
        """Each with its widgets: ``{title, stat, series: [{label, points: [[epoch seconds, value]]}]}``.

        Widgets of texts and series without a value are left out.
        """
        names = [one["DashboardName"] for one in self._cloudwatch.list_dashboards()["DashboardEntries"]]
        return [{"name": name, "widgets": self._widgets(name, minutes)} for name in names]

    def throttles(self, minutes: int) -> dict[str, int]:
        """Table → how many of its requests were throttled."""
        listed = _Listed(self._cloudwatch)
        series = [
            one
            for name in _THROTTLES
            for one in listed.searched(f"SEARCH('{{AWS/DynamoDB,TableName}} MetricName=\"{name}\"', 'Sum', {_PERIOD})")
        ]
        self._fill(series, minutes)
        found: Counter[str] = Counter()
        for one in series:
            found[one.dimensions["TableName"]] += int(sum(value for _, value in one.points))
        return dict(found)

    def _widgets(self, name: str, minutes: int) -> list[dict[str, Any]]:
        body = json.loads(self._cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
        graphs = [one["properties"] for one in body["widgets"] if one["type"] == "metric"]
        listed = _Listed(self._cloudwatch)
        series = [list(_series_of(graph, listed)) for graph in graphs]
        self._fill([one for row in series for one in row], minutes)
        return [
            {"title": graph.get("title", ""), "stat": graph.get("stat", ""), "series": _labelled(row)}
            for graph, row in zip(graphs, series, strict=True)
        ]

    def _fill(self, series: Sequence[_Series], minutes: int) -> None:
        now = datetime.now(UTC)
        begun = now - timedelta(minutes=minutes)
        for start in range(0, len(series), _QUERIES):
            asked = {f"m{number}": one for number, one in enumerate(series[start : start + _QUERIES])}
            queries = [one.query(name) for name, one in asked.items()]
            answer = self._cloudwatch.get_metric_data(StartTime=begun, EndTime=now, MetricDataQueries=queries)
            for result in answer["MetricDataResults"]:
                times = [one.timestamp() for one in result["Timestamps"]]
                asked[result["Id"]].points = sorted(zip(times, result["Values"], strict=True))


class _Listed:
    """The metrics of each namespace, asked for once: a dashboard has several searches in one."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch
        self._by_namespace: dict[str, list[dict[str, Any]]] = {}

    def searched(self, expression: str) -> Iterator[_Series]:
        found = _SEARCH.fullmatch(expression.strip())
        if found is None:
            return
        namespace, dimensions, name, stat, period = found.groups()
        wanted = {one.strip() for one in dimensions.split(",") if one.strip()}
        for metric in self._of(namespace):
            values = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
            if values.keys() == wanted and name in (None, metric["MetricName"]):
                yield _Series(namespace, metric["MetricName"], values, stat, int(period))

    def _of(self, namespace: str) -> list[dict[str, Any]]:
        if namespace not in self._by_namespace:
            pages = self._cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace)
            self._by_namespace[namespace] = [metric for page in pages for metric in page["Metrics"]]
        return self._by_namespace[namespace]


def _series_of(graph: dict[str, Any], listed: _Listed) -> Iterator[_Series]:
    period = int(graph.get("period", _PERIOD))
    for row in graph.get("metrics", []):
        options = row[-1] if isinstance(row[-1], dict) else {}
        if "expression" in options:
            yield from listed.searched(str(options["expression"]))
            continue
        named = [str(part) for part in row if not isinstance(part, dict)]
        dimensions = dict(zip(named[2::2], named[3::2], strict=True))
        stat = str(options.get("stat", graph.get("stat", "Average")))
        yield _Series(named[0], named[1], dimensions, stat, period)


def _alarm(one: dict[str, Any]) -> dict[str, Any]:
    dimensions = ", ".join(str(row["Value"]) for row in one.get("Dimensions", []))
    since = one.get("StateTransitionedTimestamp") or one.get("StateUpdatedTimestamp")
    return {
        "name": one["AlarmName"],
        "state": one["StateValue"],
        "reason": one.get("StateReason", ""),
        "about": one.get("AlarmDescription", ""),
        "metric": " ".join(part for part in (one.get("Namespace", ""), one.get("MetricName", ""), dimensions) if part),
        "since": since.timestamp() * 1000 if since else None,
    }


def _labelled(series: Sequence[_Series]) -> list[dict[str, Any]]:
    """Labels have the words in which the series of a widget differ."""
    shown = [one for one in series if one.points]
    common = set(series[0].words).intersection(*(one.words for one in series)) if series else set()
    return [
        {"label": " ".join(word for word in one.words if word not in common) or one.name, "points": one.points}
        for one in shown
    ]
