"""Metrics out of logs: what CloudWatch does by itself with the embedded metric format, and the emulator does not.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger("emulation.console")
_PERIOD_S = 10.0
_PUT_LIMIT = 500
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
_VALUES_LIMIT = 150


def metric_data(line: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """``(namespace, MetricDatum)`` of one log line; nothing when it is not EMF.

    A metric whose value is missing or no number is left out, as CloudWatch does.
    """
    if '"_aws"' not in line:
        return
    try:
        document = json.loads(line[line.index("{") :])
        directives = document["_aws"]["CloudWatchMetrics"]
        at = datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, UTC)
    except (ValueError, KeyError, TypeError):
        return
    for directive in directives:
        for dimension_names in directive.get("Dimensions") or [[]]:
            dimensions = [{"Name": name, "Value": str(document[name])} for name in dimension_names if name in document]
            for metric in directive.get("Metrics", []):
                value = document.get(metric.get("Name"))
                values = value if isinstance(value, list) else [value]
                numbers = [float(one) for one in values if isinstance(one, (int, float)) and not isinstance(one, bool)]
                if numbers:
                    yield (
                        str(directive["Namespace"]),
                        {
                            "MetricName": metric["Name"],
                            "Dimensions": dimensions,
                            "Timestamp": at,
                            "Values": numbers,
                            "Unit": metric.get("Unit", "None"),
                        },
                    )


class EmfHarvester:
    """Reads new log events of all log groups and puts the metrics in them; each event once."""

    def __init__(self, logs: Any, cloudwatch: Any, also: Callable[[], int] | None = None) -> None:
        """``also``: another source of metrics, asked in each round."""
        self._logs = logs
        self._also = also
        self._cloudwatch = cloudwatch
        #: Of each group the time of the newest event that was read, and which events of that time.
        self._read_up_to: dict[str, tuple[int, set[str]]] = {}
        self._born = int(time.time() * 1000)
        self.put = 0
        self.last_error: str | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Harvest every ten seconds until told to stop; a deaf emulator is tried again."""
        while not stopping.is_set():
            try:
                await asyncio.to_thread(self.harvest)
                self.last_error = None
            except Exception as error:
                self.last_error = f"{type(error).__name__}: {error}"[:200]
                log.warning("harvest failed: %s", self.last_error)
            try:
                await asyncio.wait_for(stopping.wait(), _PERIOD_S)
            except TimeoutError:
                continue

    def harvest(self) -> int:
        """One round over all groups; returns how many data points were put."""
        found: dict[str, list[dict[str, Any]]] = {}
        read_up_to: dict[str, tuple[int, set[str]]] = {}
        for page in self._logs.get_paginator("describe_log_groups").paginate():
            for group in page["logGroups"]:
                read_up_to[group["logGroupName"]] = self._read(group["logGroupName"], found)
        for namespace, data in found.items():
            for batch in _batched(combined(data), _PUT_LIMIT):
                self._cloudwatch.put_metric_data(Namespace=namespace, MetricData=batch)
        self._read_up_to |= read_up_to
        count = sum(len(data) for data in found.values())
        if self._also:
            count += self._also()
        self.put += count
        return count

    def _read(self, group: str, found: dict[str, list[dict[str, Any]]]) -> tuple[int, set[str]]:
        """Add the group's new data points to ``found``, by namespace; returns up to which event it was read."""
        since, seen = self._read_up_to.get(group, (self._born, set()))
        newest, at_newest = since, set(seen)
        for page in self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since):
            for event in page["events"]:
                key = f"{event['logStreamName']}/{event['timestamp']}/{event.get('eventId') or hash(event['message'])}"
                if key in seen:
                    continue
                if event["timestamp"] > newest:
                    newest, at_newest = event["timestamp"], set()
                if event["timestamp"] == newest:
                    at_newest.add(key)
                for namespace, datum in metric_data(event["message"]):
                    found.setdefault(namespace, []).append(datum)
        return newest, at_newest


def combined(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Data points of one metric and minute as one, by how often each value came; values keep three digits.

    Emulators keep every point and look through all of them at each call.
    """
    counts: dict[tuple[Any, ...], Counter[float]] = {}
    points: dict[tuple[Any, ...], dict[str, Any]] = {}
    for datum in data:
        dimensions = tuple((one["Name"], one["Value"]) for one in datum["Dimensions"])
        minute = datum["Timestamp"].replace(second=0, microsecond=0)
        key = (datum["MetricName"], dimensions, datum["Unit"], minute)
        points.setdefault(key, datum)
        counts.setdefault(key, Counter()).update(float(f"{value:.3g}") for value in datum["Values"])
    return [
        {**points[key], "Values": [value for value, _ in part], "Counts": [float(count) for _, count in part]}
        for key, found in counts.items()
        for part in _parts(sorted(found.items()))
    ]


def _parts(found: list[tuple[float, int]]) -> Iterator[list[tuple[float, int]]]:
    for start in range(0, len(found), _VALUES_LIMIT):
        yield found[start : start + _VALUES_LIMIT]


def _batched(data: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
