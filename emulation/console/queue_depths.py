"""Puts the depths of queues as metrics, which SQS publishes by itself and the emulator does not.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from emulation.console.described import Described

_METRICS = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
}


class QueueDepths:
    """Puts the depth of every queue; 0 for an empty one too, so that alarms end."""

    def __init__(self, described: Described, cloudwatch: Any) -> None:
        self._described = described
        self._cloudwatch = cloudwatch

    def put(self) -> int:
        """One round; returns the number of data points."""
        at = datetime.now(UTC)
        data = [point for name, found in self._described.queues().items() for point in _points(name, found, at)]
        for start in range(0, len(data), 500):
            self._cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=data[start : start + 500])
        return len(data)


def _points(name: str, attributes: dict[str, str], at: datetime) -> list[dict[str, Any]]:
    dimensions = [{"Name": "QueueName", "Value": name}]
    return [
        {"MetricName": metric, "Dimensions": dimensions, "Timestamp": at, "Value": float(attributes[attribute]),
         "Unit": "Count"}
        for metric, attribute in _METRICS.items()
    ]  # fmt: skip
