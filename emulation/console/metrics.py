"""Alarms with their state and reason, and the deployed dashboards with their values, as CloudWatch has them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Any, Final

from emulation.console.kept_values import KeptValues, Points, Statistic

_STATES: Final = ("ALARM", "INSUFFICIENT_DATA", "OK")
#: The one kind of expression that is read: all metrics of a namespace with these dimensions, of one name or any.
_SEARCH = re.compile(r"""SEARCH\('\{([^,}]+)((?:,[^}]+)?)\}\s*(?:MetricName="([^"]+)")?\s*',\s*'([^']+)',\s*(\d+)\)""")
_PERIOD: Final = 60
#: Seconds for which names of metrics are kept.
_NAMES_FOR: Final = 15
_THROTTLES: Final = [
    f"SEARCH('{{AWS/DynamoDB,TableName}} MetricName=\"{name}\"', 'Sum', {_PERIOD})"
    for name in ("ReadThrottleEvents", "WriteThrottleEvents")
]


class MetricReader:
    """Asks a client of CloudWatch. Values and names that were read are kept, because a page is loaded again and again
    while the network is busy."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch
        self._values = KeptValues(cloudwatch)
        self._names = _MetricNames(cloudwatch)

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
        statistics = [one for expression in _THROTTLES for one in self._names.searched(expression)]
        found: Counter[str] = Counter()
        for one, points in self._read(statistics, minutes).items():
            found[dict(one.dimensions)["TableName"]] += int(sum(value for _, value in points))
        return dict(found)

    def _widgets(self, name: str, minutes: int) -> list[dict[str, Any]]:
        body = json.loads(self._cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
        graphs = [one["properties"] for one in body["widgets"] if one["type"] == "metric"]
        drawn = [list(_statistics_of(graph, self._names)) for graph in graphs]
        points = self._read((one for row in drawn for one in row), minutes)
        return [
            {"title": graph.get("title", ""), "stat": graph.get("stat", ""), "series": _labelled(row, points)}
            for graph, row in zip(graphs, drawn, strict=True)
        ]

    def _read(self, statistics: Iterable[Statistic], minutes: int) -> dict[Statistic, Points]:
        now = time.time()
        return self._values.of(statistics, now - minutes * 60, now)


class _MetricNames:
    """The metrics of each namespace. New ones come when somebody does something for the first time."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch
        self._lock = threading.Lock()
        #: When it was read, and what.
        self._by_namespace: dict[str, tuple[float, list[dict[str, Any]]]] = {}

    def searched(self, expression: str) -> Iterator[Statistic]:
        found = _SEARCH.fullmatch(expression.strip())
        if found is None:
            return
        namespace, dimensions, name, stat, period = found.groups()
        wanted = {one.strip() for one in dimensions.split(",") if one.strip()}
        for metric in self._of(namespace):
            values = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
            if values.keys() == wanted and name in (None, metric["MetricName"]):
                yield Statistic(namespace, metric["MetricName"], tuple(values.items()), stat, int(period))

    def _of(self, namespace: str) -> list[dict[str, Any]]:
        with self._lock:
            at, found = self._by_namespace.get(namespace, (-inf, []))
            if time.monotonic() - at > _NAMES_FOR:
                pages = self._cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace)
                found = [metric for page in pages for metric in page["Metrics"]]
                self._by_namespace[namespace] = time.monotonic(), found
        return found


def _statistics_of(graph: dict[str, Any], names: _MetricNames) -> Iterator[Statistic]:
    period = int(graph.get("period", _PERIOD))
    for row in graph.get("metrics", []):
        options = row[-1] if isinstance(row[-1], dict) else {}
        if "expression" in options:
            yield from names.searched(str(options["expression"]))
            continue
        named = [str(part) for part in row if not isinstance(part, dict)]
        dimensions = tuple(zip(named[2::2], named[3::2], strict=True))
        stat = str(options.get("stat", graph.get("stat", "Average")))
        yield Statistic(named[0], named[1], dimensions, stat, period)


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


def _labelled(drawn: Sequence[Statistic], points: dict[Statistic, Points]) -> list[dict[str, Any]]:
    """Labels have the words in which the series of a widget differ."""
    common = set(_words(drawn[0])).intersection(*map(_words, drawn)) if drawn else set()
    return [
        {"label": " ".join(word for word in _words(one) if word not in common) or one.name, "points": points[one]}
        for one in drawn
        if points[one]
    ]


def _words(one: Statistic) -> list[str]:
    """What tells it from others, beginning with what differs least often."""
    return [*(value for _, value in one.dimensions), one.name, one.stat]
