"""Queues, none without a dead-letter queue."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

from infra.constants import MAX_RECEIVES, camel, physical
from infra.constructs.stack import AppStack

_KEPT_DAYS = 14


class QueueWithDlq:
    """``asyncsns-<name>`` and ``asyncsns-<name>-dlq``, which keeps a message for 14 days after three failed
    receives."""

    def __init__(self, stack: AppStack, name: str, *, consumer_timeout: int, delay_seconds: int = 0) -> None:
        self.name = name
        self.dlq = failure_queue(stack, f"{name}-dlq")
        self.queue = sqs.Queue(
            stack,
            f"Queue{camel(name)}Resource",
            queue_name=physical(name),
            visibility_timeout=cdk.Duration.seconds(consumer_timeout * stack.target.visibility_factor),
            delivery_delay=cdk.Duration.seconds(delay_seconds),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dlq, max_receive_count=MAX_RECEIVES),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=not stack.target.emulated,
        )
        stack.queues_made.append(physical(name))
        stack.output(f"Queue{camel(name)}", self.queue.queue_url)

    @property
    def environment_name(self) -> str:
        return f"QUEUE_{self.name.upper().replace('-', '_')}"


def failure_queue(stack: AppStack, name: str) -> sqs.Queue:
    """A queue without a consumer: its messages wait for a person or for a replay."""
    queue = sqs.Queue(
        stack,
        f"Queue{camel(name)}Resource",
        queue_name=physical(name),
        retention_period=cdk.Duration.days(_KEPT_DAYS),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=not stack.target.emulated,
    )
    stack.output(f"Queue{camel(name)}", queue.queue_url)
    stack.failure_queues_made.append(physical(name))
    return queue
