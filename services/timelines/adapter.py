"""The queue ``timelines`` in SQS."""

from __future__ import annotations

from services.common.aws import client
from services.timelines.model import Job


class JobQueue:
    """``FanOutJobs`` of the fan-out."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def send(self, job: Job, delay_seconds: int = 0) -> None:
        """``delay_seconds`` 0 to 900."""
        client("sqs").send_message(
            QueueUrl=self._queue_url,
            MessageBody=job.to_json(),
            DelaySeconds=delay_seconds,
        )
