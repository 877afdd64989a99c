"""Handles messages that a consumer cannot process: retries with growing delays, then the dead-letter queue.

SQS itself moves a message to the dead-letter queue after its last receive, but without a reason. So the consumer moves
it on the last failure, with the reason as message attributes; SQS's redrive policy remains for consumers that die.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from services.common.aws import client
from services.common.carriers import MESSAGE_ATTRIBUTE, cause_of
from services.common.clock import now_text
from services.common.observability import logger
from services.common.settings import QueueSettings

#: Each wait is this many times the one before.
_GROWTH = 4
_REASON_LIMIT = 500


def settle(record: Mapping[str, Any], error: Exception, settings: QueueSettings) -> bool:
    """Handle a failed record (of an SQS event); returns whether it was dead-lettered, and so is finished.

    The message is not lost if this fails: SQS delivers it again after its visibility timeout.
    """
    receives = int(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))
    try:
        if receives >= settings.max_receives:
            _give_up(settings, record, error, receives)
            return True
        if "receiptHandle" in record:
            _wait(settings, record, settings.retry_seconds * _GROWTH ** (receives - 1))
    except (ClientError, BotoCoreError) as fault:
        logger.warning("left to the queue's own redrive", exc_info=fault)
    return False


def _give_up(settings: QueueSettings, record: Mapping[str, Any], error: Exception, receives: int) -> None:
    told = {
        "reason": f"{type(error).__name__}: {error}"[:_REASON_LIMIT],
        "consumer": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "unknown"),
        "failedAt": now_text(),
        "receives": str(receives),
        "messageId": str(record["messageId"]),
    }
    cause = cause_of(record)
    # As an attribute of ours: a redrive keeps it.
    traced = {**told, MESSAGE_ATTRIBUTE: cause.header} if cause else told
    client("sqs").send_message(
        QueueUrl=settings.dead_letter_queue,
        MessageBody=record["body"],
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in traced.items()},
    )
    logger.error("a message was given up", extra=told)


def _wait(settings: QueueSettings, record: Mapping[str, Any], seconds: float) -> None:
    """With jitter, so that messages that failed together are not retried together."""
    client("sqs").change_message_visibility(
        QueueUrl=settings.source_queue,
        ReceiptHandle=record["receiptHandle"],
        VisibilityTimeout=max(1, round(seconds * random.uniform(0.8, 1.2))),  # noqa: S311 - jitter
    )
