"""Counts the metrics that API Gateway publishes for HTTP and WebSocket APIs; the console puts them into CloudWatch.

Sources: "Monitor HTTP APIs with CloudWatch metrics", "Monitor WebSocket API execution with CloudWatch metrics" (names,
units, dimensions ``ApiId`` and ``ApiId, Stage``). Metrics of routes, which a stage has to ask for, are left out.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, Final

NAMESPACE: Final = "AWS/ApiGateway"
_UNITS: Final = {"Latency": "Milliseconds", "IntegrationLatency": "Milliseconds", "DataProcessed": "Bytes"}
_MINUTE: Final = 60
#: Where nobody takes what was counted, the newest stay.
_MINUTES_KEPT: Final = 60

#: Api, stage, name.
_Key = tuple[str, str, str]


class GatewayMetrics:
    """Values by minute; a value that came often is one with its count."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._minutes: dict[int, defaultdict[_Key, Counter[float]]] = {}

    def answered(
        self, api_id: str, stage: str, status: int, seconds: float, integration: float | None, size: int
    ) -> None:
        """One request to an HTTP API; ``integration``: seconds of it, None where there was none to wait for."""
        values = {
            "Count": 1.0,
            "4xx": float(400 <= status < 500),
            "5xx": float(status >= 500),
            "Latency": _rounded(seconds * 1000),
            "DataProcessed": _rounded(size),
        }
        if integration is not None:
            values["IntegrationLatency"] = _rounded(integration * 1000)
        self._add(api_id, stage, values)

    def counted(self, api_id: str, stage: str, name: str) -> None:
        """One event of a WebSocket API, for example ``MessageCount``."""
        self._add(api_id, stage, {name: 1.0})

    def take(self) -> list[dict[str, Any]]:
        """Counts since the last call, as members of ``PutMetricData``; ``Timestamp`` in epoch seconds."""
        minutes, self._minutes = self._minutes, {}
        return [
            {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                "Timestamp": minute,
                "Unit": _UNITS.get(name, "Count"),
                "Values": list(counts),
                "Counts": [float(count) for count in counts.values()],
            }
            for minute, found in minutes.items()
            for (api_id, stage, name), counts in found.items()
            for dimensions in ([("ApiId", api_id)], [("ApiId", api_id), ("Stage", stage)])
        ]

    def _add(self, api_id: str, stage: str, values: dict[str, float]) -> None:
        minute = int(self._clock()) // _MINUTE * _MINUTE
        found = self._minutes.get(minute)
        if found is None:
            found = self._minutes[minute] = defaultdict(Counter)
            for old in sorted(self._minutes)[:-_MINUTES_KEPT]:
                del self._minutes[old]
        for name, value in values.items():
            found[api_id, stage, name][value] += 1


def _rounded(value: float) -> float:
    """Rounded to three digits, so that values repeat and can be merged."""
    return float(f"{value:.3g}")
