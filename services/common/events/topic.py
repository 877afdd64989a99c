"""Publishes to the SNS topic, which delivers events to the consumers' queues."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.aws import client
from services.common.carriers import MESSAGE_ATTRIBUTE
from services.common.events.envelope import DomainEvent

_PUBLISH_BATCH_LIMIT = 10


def publish(topic_arn: str, events: Sequence[DomainEvent]) -> None:
    """Publish to SNS with the message attributes ``type``, for filter policies, and ``trace`` where there is one.

    Raises:
        RuntimeError: SNS refused some; the caller's record fails and is retried, consumers dedupe by ``id``.
    """
    for start in range(0, len(events), _PUBLISH_BATCH_LIMIT):
        batch = events[start : start + _PUBLISH_BATCH_LIMIT]
        answer = client("sns").publish_batch(
            TopicArn=topic_arn,
            PublishBatchRequestEntries=[
                {
                    "Id": str(number),
                    "Message": one.to_json(),
                    "MessageAttributes": _attributes(one),
                }
                for number, one in enumerate(batch)
            ],
        )
        if answer.get("Failed"):
            raise RuntimeError(f"SNS refused {len(answer['Failed'])} of {len(batch)} events: {answer['Failed'][0]}")


def _attributes(event: DomainEvent) -> dict[str, dict[str, str]]:
    told = {"type": event.type, MESSAGE_ATTRIBUTE: event.trace}
    return {name: {"DataType": "String", "StringValue": value} for name, value in told.items() if value}
