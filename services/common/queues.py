"""Sends messages to SQS queues, for work that continues in another invocation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.common.aws import client


def send(queue_url: str, message: Mapping[str, Any], delay_seconds: int | None = None) -> None:
    """One JSON message; ``delay_seconds`` 0 to 900, ``None``: the queue's default."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    delay = {} if delay_seconds is None else {"DelaySeconds": delay_seconds}
    client("sqs").send_message(QueueUrl=queue_url, MessageBody=body, **delay)
