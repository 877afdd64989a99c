"""How full the queues are, as metrics: what SQS tells CloudWatch by itself, and the emulator does not.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_METRICS = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
}


class QueueDepths:
    """Puts the depth of every queue; 0 for an empty one too, so that alarms end."""

    def __init__(self, sqs: Any, cloudwatch: Any) -> None:
        self._sqs = sqs
        self._cloudwatch = cloudwatch

    def put(self) -> int:
        """One round; how many data points."""
        pages = self._sqs.get_paginator("list_queues").paginate()
        data = [point for page in pages for url in page.get("QueueUrls", []) for point in self._of(str(url))]
        for start in range(0, len(data), 500):
            self._cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=data[start : start + 500])
        return len(data)

    def _of(self, url: str) -> list[dict[str, Any]]:
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_METRICS.values()))["Attributes"]
        dimensions = [{"Name": "QueueName", "Value": url.rpartition("/")[2]}]
        at = datetime.now(UTC)
        return [
            {"MetricName": metric, "Dimensions": dimensions, "Timestamp": at, "Value": float(found[attribute]),
             "Unit": "Count"}
            for metric, attribute in _METRICS.items()
        ]  # fmt: skip
