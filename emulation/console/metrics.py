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
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from typing import Any, Final

from emulation.console.kept_values import KeptValues, Points, Statistic

_STATES: Final = ("ALARM", "INSUFFICIENT_DATA", "OK")
#: The one kind of expression that is read: all metrics of a namespace with these dimensions, of one name or any.
_SEARCH = re.compile(r"""SEARCH\('\{([^,}]+)((?:,[^}]+)?)\}\s*(?:MetricName="([^"]+)")?\s*',\s*'([^']+)',\s*(\d+)\)""")
_PERIOD: Final = 60
#: Seconds for which names of metrics and dashboards are kept.
_SELDOM: Final = 15
#: Alarms of one answer; more than these CloudWatch does not give.
_ALARMS: Final = 100
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
        self._deployed = _Seldom()

    def alarms(self) -> list[dict[str, Any]]:
        """All alarms: those in ALARM first, then by name."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": _ALARMS})
        found = [_alarm(one) for page in pages for one in page["MetricAlarms"]]
        return sorted(found, key=lambda one: (_STATES.index(one["state"]), one["name"]))

    def dashboards(self, minutes: int) -> list[dict[str, Any]]:
        """Each with its widgets: ``{title, stat, series: [{label, points: [[epoch seconds, value]]}]}``.

        Widgets of texts and series without a value are left out.
        """
        bodies: dict[str, Any] = self._deployed.of("dashboards", self._bodies)
        drawn = {name: list(_graphs_of(body, self._names)) for name, body in bodies.items()}
        # All at once: for CloudWatch it is one request.
        points = self._read((one for graphs in drawn.values() for _, row in graphs for one in row), minutes)
        return [
            {"name": name, "widgets": [_widget(graph, row, points) for graph, row in graphs]}
            for name, graphs in drawn.items()
        ]

    def throttles(self, minutes: int) -> dict[str, int]:
        """Table → how many of its requests were throttled."""
        statistics = [one for expression in _THROTTLES for one in self._names.searched(expression)]
        found: Counter[str] = Counter()
        for one, points in self._read(statistics, minutes).items():
            found[dict(one.dimensions)["TableName"]] += int(sum(value for _, value in points))
        return dict(found)

    def _bodies(self) -> dict[str, Any]:
        names = [one["DashboardName"] for one in self._cloudwatch.list_dashboards()["DashboardEntries"]]
        read = self._cloudwatch.get_dashboard
        return {name: json.loads(read(DashboardName=name)["DashboardBody"]) for name in names}

    def _read(self, statistics: Iterable[Statistic], minutes: int) -> dict[Statistic, Points]:
        now = time.time()
        return self._values.of(statistics, now - minutes * 60, now)


class _Seldom:
    """Answers about what seldom changes, kept for some seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: When it was read, and what.
        self._known: dict[str, tuple[float, Any]] = {}

    def of(self, name: str, read: Callable[[], Any]) -> Any:
        with self._lock:
            at, found = self._known.get(name, (-inf, None))
            if time.monotonic() - at > _SELDOM:
                found = read()
                self._known[name] = time.monotonic(), found
        return found


class _MetricNames:
    """The metrics of each namespace. New ones come when somebody does something for the first time."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch
        self._listed = _Seldom()

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
        def read() -> list[dict[str, Any]]:
            pages = self._cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace)
            return [metric for page in pages for metric in page["Metrics"]]

        found: list[dict[str, Any]] = self._listed.of(namespace, read)
        return found


def _graphs_of(body: dict[str, Any], names: _MetricNames) -> Iterator[tuple[dict[str, Any], list[Statistic]]]:
    for one in body["widgets"]:
        if one["type"] == "metric":
            yield one["properties"], list(_statistics_of(one["properties"], names))


def _widget(graph: dict[str, Any], row: list[Statistic], points: dict[Statistic, Points]) -> dict[str, Any]:
    return {"title": graph.get("title", ""), "stat": graph.get("stat", ""), "series": _labelled(row, points)}


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
