"""Queues as the console shows them: their depth, the first messages, and the redrive of dead-letter queues.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from emulation.console.described import Described

_COUNTS = {
    "waiting": "ApproximateNumberOfMessages",
    "inFlight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
_TRACE = "AWSTraceHeader"
_PEEKED = 10
#: Seconds for which a message that is moved is nobody else's.
_MOVING = 30


class NoQueue(Exception):
    """No queue has this name."""


class NotDeadLetters(Exception):
    """The queue is not the dead-letter queue of exactly one other queue."""


class QueueReader:
    """Reads SQS, and moves messages back."""

    def __init__(self, sqs: Any, described: Described) -> None:
        self._sqs = sqs
        self._described = described

    def all(self) -> list[dict[str, Any]]:
        """By name: ``{name, waiting, inFlight, delayed, deadLetterOf, failuresOf, readBy}``.

        ``deadLetterOf``: its source queues; the others: names of functions.
        """
        attributes, consumers = self._described.queues(), self._described.consumers()
        sources = _sources(attributes)
        return [
            {
                "name": name,
                **{key: int(found.get(count, 0)) for key, count in _COUNTS.items()},
                "deadLetterOf": sorted(sources.get(found["QueueArn"], [])),
                "failuresOf": consumers.failing.get(found["QueueArn"], []),
                "readBy": consumers.readers.get(found["QueueArn"], []),
            }
            for name, found in sorted(attributes.items())
        ]

    def peek(self, name: str) -> list[dict[str, Any]]:
        """The first few messages, which stay where they are. SQS counts it as a receive.

        Raises:
            NoQueue: no queue has this name.
        """
        self._require(name, self._described.queues())
        return [
            {
                "id": message["MessageId"],
                "body": message["Body"],
                "attributes": {
                    key: one.get("StringValue") for key, one in message.get("MessageAttributes", {}).items()
                },
                "system": message.get("Attributes", {}),
            }
            for message in self._received(name, _PEEKED, 0)
        ]

    def redrive(self, name: str) -> int:
        """Redrive all messages of a dead-letter queue to their source queue; returns how many.

        Raises:
            NoQueue: no queue has this name.
            NotDeadLetters: it is the dead-letter queue of no queue, or of more than one.
        """
        attributes = self._described.queues()
        self._require(name, attributes)
        sources = _sources(attributes).get(attributes[name]["QueueArn"], [])
        if len(sources) != 1:
            raise NotDeadLetters(f"{name}: expected the dead letters of one queue, got those of {sources or 'none'}")
        moved, back, there = 0, self._url(sources[0]), self._url(name)
        for message in self._received(name, int(attributes[name][_COUNTS["waiting"]]), _MOVING):
            # Sent before it is deleted: if this dies in between it is there twice, and never lost.
            self._sqs.send_message(
                QueueUrl=back, MessageBody=message["Body"],
                MessageAttributes=_sendable(message.get("MessageAttributes", {})),
                MessageSystemAttributes=_trace_of(message.get("Attributes", {})),
            )  # fmt: skip
            self._sqs.delete_message(QueueUrl=there, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
        return moved

    @staticmethod
    def _require(name: str, attributes: dict[str, dict[str, str]]) -> None:
        if name not in attributes:
            raise NoQueue(f"No queue is named {name}.")

    def _url(self, name: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=name)["QueueUrl"])

    def _received(self, name: str, limit: int, visibility: int) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        url = self._url(name)
        while len(seen) < limit:
            answer = self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=visibility,
                MessageAttributeNames=["All"], AttributeNames=["All"],
            )  # fmt: skip
            fresh = [one for one in answer.get("Messages", []) if one["MessageId"] not in seen][: limit - len(seen)]
            if not fresh:
                return
            for message in fresh:
                seen.add(message["MessageId"])
                yield message


def _sources(attributes: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """ARN of a dead-letter queue → names of its source queues."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, one in attributes.items():
        if policy := one.get("RedrivePolicy"):
            found[json.loads(policy)["deadLetterTargetArn"]].append(name)
    return found


def _sendable(attributes: dict[str, Any]) -> dict[str, Any]:
    kept = ("DataType", "StringValue", "BinaryValue")
    return {name: {key: one[key] for key in kept if key in one} for name, one in attributes.items()}


def _trace_of(attributes: dict[str, str]) -> dict[str, Any]:
    """The one system attribute that a sender can set: the retry belongs to the trace of its cause."""
    header = attributes.get(_TRACE)
    return {_TRACE: {"DataType": "String", "StringValue": header}} if header else {}
