"""Lists dead-letter queues and their messages, and redrives them.

On AWS, a message move task of SQS moves them. On emulators without such tasks, a message is sent before it is deleted:
a redrive that dies in between duplicates it, which is harmless because consumers are idempotent; it is never lost.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.constants import PREFIX
from infra.stages import is_of, stage_of

_DLQ, _FAILURES = "-dlq", "-failures"
_PREFIX = f"{PREFIX}-"
#: Long enough to send a batch on, short enough that what stays is seen again soon.
_VISIBILITY = 30
_UNKNOWN_ACTIONS = {"InvalidAction", "UnknownOperation", "UnknownOperationException", "UnsupportedOperation",
                    "AWS.SimpleQueueService.UnsupportedOperation"}  # fmt: skip
#: Attributes that the consumer set when it dead-lettered the message; a redrive removes them.
GIVEN_UP = frozenset({"reason", "consumer", "failedAt", "receives", "messageId"})
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DeadLetters:
    """A dead-letter queue. ``source``: the queue to redrive to; none for notes about streams and events."""

    name: str
    url: str
    waiting: int
    source: str | None

    @property
    def short(self) -> str:
        """The short name, for commands: ``notifications-push``."""
        return self.name.removeprefix(_PREFIX).removesuffix(_DLQ).removesuffix(_FAILURES)


def dead_letters(sqs: Any) -> list[DeadLetters]:
    """Every dead-letter queue of the project, the fullest first."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=_PREFIX)
    listed = {str(url).rpartition("/")[2]: str(url) for page in pages for url in page.get("QueueUrls", [])}
    urls = {name: url for name, url in listed.items() if is_of(stage_of(), name)}
    found = []
    for name, url in urls.items():
        if name.endswith((_DLQ, _FAILURES)):
            source = urls.get(name.removesuffix(_DLQ)) if name.endswith(_DLQ) else None
            found.append(DeadLetters(name, url, depth(sqs, url), source))
    return sorted(found, key=lambda one: (-one.waiting, one.name))


def depth(sqs: Any, url: str) -> int:
    """How many messages wait (approximately, as SQS says)."""
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def reasons(sqs: Any, queue: DeadLetters, limit: int = 10) -> list[str]:
    """The reasons of the first few messages, which stay."""
    found = []
    for message in _received(sqs, queue.url, limit, visibility=0):
        told = {key: value.get("StringValue", "") for key, value in message.get("MessageAttributes", {}).items()}
        found.append(told.get("reason") or _condition(message["Body"]) or "no reason: its consumer died")
    return found


def _condition(body: str) -> str:
    """The reason in a note about a stream."""
    start = body.find('"condition"')
    return body[start : start + 60].split(",")[0].replace('"', "") if start >= 0 else ""


def give_back(sqs: Any, queue: DeadLetters, progress: Progress, *, patience: float = 300) -> int:
    """Move all messages back to the source; returns how many.

    Raises:
        ValueError: the queue has no source.
        TimeoutError: a task of SQS did not end in ``patience`` seconds; it goes on.
        RuntimeError: a task of SQS has failed.
    """
    if queue.source is None:
        raise ValueError(f"{queue.name} holds notes, no messages of a queue")
    task = _start_task(sqs, queue)
    return _by_hand(sqs, queue, progress) if task is None else _await_task(sqs, queue, progress, patience)


def _arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def _start_task(sqs: Any, queue: DeadLetters) -> str | None:
    """The destination is named, because SQS knows no source for messages that a consumer or SNS put here."""
    try:
        answer = sqs.start_message_move_task(
            SourceArn=_arn(sqs, queue.url), DestinationArn=_arn(sqs, str(queue.source))
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _UNKNOWN_ACTIONS:
            return None
        raise
    return str(answer["TaskHandle"])


def _await_task(sqs: Any, queue: DeadLetters, progress: Progress, patience: float) -> int:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        (task,) = sqs.list_message_move_tasks(SourceArn=_arn(sqs, queue.url), MaxResults=1)["Results"]
        moved, wanted = int(task.get("ApproximateNumberOfMessagesMoved", 0)), queue.waiting
        progress(moved, int(task.get("ApproximateNumberOfMessagesToMove", wanted)))
        if task["Status"] == "COMPLETED":
            return moved
        if task["Status"] in ("FAILED", "CANCELLED"):
            raise RuntimeError(f"{queue.name}: {task['Status']}: {task.get('FailureReason', 'no reason given')}")
        time.sleep(1)
    raise TimeoutError(f"{queue.name}: not done after {patience:.0f} s; SQS goes on")


def _by_hand(sqs: Any, queue: DeadLetters, progress: Progress) -> int:
    moved = 0
    for message in _received(sqs, queue.url, queue.waiting, visibility=_VISIBILITY):
        kept = {name: _plain(one) for name, one in message.get("MessageAttributes", {}).items() if name not in GIVEN_UP}
        sqs.send_message(QueueUrl=queue.source, MessageBody=message["Body"], MessageAttributes=kept)
        sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
        moved += 1
        progress(moved, queue.waiting)
    return moved


def _plain(attribute: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attribute.items() if key in ("DataType", "StringValue", "BinaryValue")}


def _received(sqs: Any, url: str, limit: int, *, visibility: int) -> Iterator[dict[str, Any]]:
    """Up to ``limit`` messages, each once; ends when nothing (new) comes. With ``visibility`` 0 they stay visible."""
    seen: set[str] = set()
    while len(seen) < limit:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=min(10, limit - len(seen)), VisibilityTimeout=visibility,
            MessageAttributeNames=["All"], WaitTimeSeconds=1 if visibility else 0,
        )  # fmt: skip
        new = [one for one in answer.get("Messages") or [] if one["MessageId"] not in seen]
        if not new:
            return
        for message in new:
            seen.add(message["MessageId"])
            yield message
