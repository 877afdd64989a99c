"""The ring timer: a delayed message."""

from __future__ import annotations

import json
from datetime import timedelta

from services.common.aws import client


def start_timer(queue_url: str, call_id: str, delay: timedelta) -> None:
    """Send ``{"callId"}`` to come back after ``delay`` (SQS: at most 15 minutes)."""
    body = json.dumps({"callId": call_id})
    client("sqs").send_message(QueueUrl=queue_url, MessageBody=body, DelaySeconds=int(delay.total_seconds()))
