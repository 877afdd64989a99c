"""Dead letters of a drill, among those of others."""

from __future__ import annotations

from typing import Any

from kit.redrive.queues import DeadLetters, dead_letters


def queue_of(sqs: Any, short: str) -> DeadLetters:
    """The dead-letter queue that ``make redrive QUEUE=<short>`` means."""
    return next(one for one in dead_letters(sqs) if one.short == short and one.source)


def holding(sqs: Any, url: str, mark: str, *, take: bool = False) -> list[dict[str, Any]]:
    """Messages that hold ``mark``; ``take`` deletes them. All others stay."""
    found: list[dict[str, Any]] = []
    try:
        while batch := _receive(sqs, url):
            found += batch
    finally:
        for one in found:
            handle = one["ReceiptHandle"]
            if take and mark in one["Body"]:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
            else:
                sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    return [one for one in found if mark in one["Body"]]


def _receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=120, MessageAttributeNames=["All"]
    )
    return list(answer.get("Messages") or [])
