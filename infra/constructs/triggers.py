"""Triggers of functions: streams and queues, with their error settings."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra.constants import MAX_RECEIVES, QUEUE_CONCURRENCY, STREAM_RETRIES, camel
from infra.constructs.queues import QueueWithDlq
from infra.constructs.tables import ContextTable
from infra.constructs.uses import Use
from infra.targets import Target


@dataclass(frozen=True)
class StreamTrigger:
    """DynamoDB Streams or Kinesis: failing batches are halved, retried three times, then sent to the on-failure queue.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    """

    name: str
    arn: str
    use: Use
    batch_size: int = 100
    #: Seconds to gather a batch in. Not on an emulator, where everything is to be seen at once.
    window: int = 0
    #: Further actions of Lambda, without a resource to name.
    listing: tuple[Use, ...] = ()

    def uses_of(self, _: Target) -> list[Use]:
        return [self.use, *self.listing]

    def attach(self, function: lambda_.Function, failures: sqs.Queue | None) -> None:
        assert failures is not None
        lambda_.CfnEventSourceMapping(
            function,
            f"From{camel(self.name)}",
            function_name=function.function_name,
            event_source_arn=self.arn,
            starting_position="TRIM_HORIZON",
            batch_size=self.batch_size,
            maximum_batching_window_in_seconds=self.window or None,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=STREAM_RETRIES,
            function_response_types=["ReportBatchItemFailures"],
            destination_config={"onFailure": {"destination": failures.queue_arn}},
        )


@dataclass(frozen=True)
class QueueTrigger:
    """SQS: a failed message is received again, alone, with growing delays, and after three receives goes to the
    dead-letter queue, with the reason (``services/common/deadletters.py``).

    Without a maximum concurrency Lambda receives more messages than it may process, and throttled ones count as
    received:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
    """

    queue: QueueWithDlq
    batch_size: int = 10

    def uses_of(self, target: Target) -> list[Use]:
        actions = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")
        retries = {"MAX_RECEIVES": str(MAX_RECEIVES), "RETRY_SECONDS": str(target.retry_seconds)}
        source = {"SOURCE_QUEUE": self.queue.queue.queue_url, **retries}
        dead = {"DEAD_LETTER_QUEUE": self.queue.dlq.queue_url}
        return [
            Use(f"Consume{camel(self.queue.name)}", actions, [self.queue.queue.queue_arn], source),
            Use(f"GiveUp{camel(self.queue.name)}", ("sqs:SendMessage",), [self.queue.dlq.queue_arn], dead),
        ]

    def attach(self, function: lambda_.Function, _: sqs.Queue | None) -> None:
        lambda_.CfnEventSourceMapping(
            function,
            f"From{camel(self.queue.name)}",
            function_name=function.function_name,
            event_source_arn=self.queue.queue.queue_arn,
            batch_size=self.batch_size,
            scaling_config={"maximumConcurrency": QUEUE_CONCURRENCY},
            function_response_types=["ReportBatchItemFailures"],
        )


Trigger = StreamTrigger | QueueTrigger


def changes_of(table: ContextTable, *, window: int = 0) -> StreamTrigger:
    """The stream of a table; ``window``: seconds to gather changes in.

    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-dynamodb-permissions
    """
    read = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
    follow = Use(f"Follow{camel(table.name)}", read, [table.stream_arn])
    listing = Use("ListStreams", ("dynamodb:ListStreams",), ["*"])
    return StreamTrigger(table.name, table.stream_arn, follow, window=window, listing=(listing,))


def records_of(name: str, stream: kinesis.Stream) -> StreamTrigger:
    """A Kinesis stream, by shared throughput."""
    read = (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    )
    return StreamTrigger(name, stream.stream_arn, Use(f"Follow{camel(name)}", read, [stream.stream_arn]))
