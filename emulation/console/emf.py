"""Extracts metrics from logs (embedded metric format), as CloudWatch does by itself and the emulator does not.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from emulation.console.log_lines import Line, LineIndex

log = logging.getLogger("emulation.console")
_PERIOD_S = 10.0
_PUT_LIMIT = 500
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
_VALUES_LIMIT = 150


def metric_data(line: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """``(namespace, MetricDatum)`` of one log line; nothing when it is not EMF.

    A metric whose value is missing or not a number is left out, as in CloudWatch.
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
    """Puts the metrics of new log lines of all groups; each line once."""

    def __init__(self, index: LineIndex, cloudwatch: Any, also: Sequence[Callable[[], int]] = ()) -> None:
        """``also``: other sources of metrics, asked in each round."""
        self._index = index
        self._also = also
        self._cloudwatch = cloudwatch
        #: By namespace: read and not yet put.
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self._born = int(time.time() * 1000)
        self.put = 0
        self.last_error: str | None = None
        index.follow(self._take)

    async def run(self, stopping: asyncio.Event) -> None:
        """Harvest every ten seconds until stopped; retry when the emulator does not respond.

        The first harvest waits too: while the console starts, all other processes start.
        """
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _PERIOD_S)
                return
            try:
                await asyncio.to_thread(self.harvest)
                self.last_error = None
            except Exception as error:
                self.last_error = f"{type(error).__name__}: {error}"[:200]
                log.warning("harvest failed: %s", self.last_error)

    def harvest(self) -> int:
        """One round over all groups; returns how many data points were put."""
        self._index.refresh()
        count = 0
        for namespace in list(self._waiting):
            data = list(self._waiting[namespace])
            for batch in _batched(combined(data), _PUT_LIMIT):
                self._cloudwatch.put_metric_data(Namespace=namespace, MetricData=batch)
            # A page may have read more lines meanwhile.
            del self._waiting[namespace][: len(data)]
            count += len(data)
        count += sum(ask() for ask in self._also)
        self.put += count
        return count

    def _take(self, line: Line) -> None:
        if line.at < self._born:
            return
        for namespace, datum in metric_data(line.message):
            self._waiting.setdefault(namespace, []).append(datum)


def combined(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge data points of one metric and minute into one with counts per value; values keep three digits.

    Emulators keep every point and scan all of them at each call.
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
        for part in in_parts(sorted(found.items()))
    ]


def in_parts(found: list[tuple[float, Any]]) -> Iterator[list[tuple[float, Any]]]:
    """Values with their counts, as many as one data point takes."""
    for start in range(0, len(found), _VALUES_LIMIT):
        yield found[start : start + _VALUES_LIMIT]


def _batched(data: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
