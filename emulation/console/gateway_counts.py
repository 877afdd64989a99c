"""Puts metrics that API Gateway publishes by itself and the emulator does not; the edge counts them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from emulation.console.emf import in_parts

_NAMESPACE = "AWS/ApiGateway"
_PUT_LIMIT = 500


class GatewayCounts:
    """Takes the gateway's counts and puts them as metrics."""

    def __init__(self, http: httpx.Client, cloudwatch: Any) -> None:
        """``http``: at the gateway."""
        self._http = http
        self._cloudwatch = cloudwatch
        self._waiting: list[dict[str, Any]] = []

    def put(self) -> int:
        """One round; returns the number of data points. Points that could not be put go into the next round."""
        answer = self._http.post("/_metrics")
        answer.raise_for_status()
        self._waiting += [part for metric in answer.json()["metrics"] for part in _data(metric)]
        count = 0
        while self._waiting:
            batch = self._waiting[:_PUT_LIMIT]
            self._cloudwatch.put_metric_data(Namespace=_NAMESPACE, MetricData=batch)
            del self._waiting[: len(batch)]
            count += len(batch)
        return count


def _data(metric: dict[str, Any]) -> list[dict[str, Any]]:
    at = datetime.fromtimestamp(metric["Timestamp"], UTC)
    pairs = list(zip(metric["Values"], metric["Counts"], strict=True))
    return [
        {**metric, "Timestamp": at, "Values": [value for value, _ in part], "Counts": [count for _, count in part]}
        for part in in_parts(pairs)
    ]
