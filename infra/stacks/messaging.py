"""Communication of contexts: domain events by SNS and SQS, frames for devices by Kinesis."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.constants import (
    CALL_RING_SECONDS,
    CHAT_ARRIVAL_SECONDS,
    QUEUE_CALL_TIMEOUTS,
    QUEUE_CALLS,
    QUEUE_CHAT_ARRIVALS,
    QUEUE_DUE,
    QUEUE_INAPP,
    QUEUE_LIVE,
    QUEUE_LIVE_LOOKS,
    QUEUE_MEDIA,
    QUEUE_MOBILE,
    QUEUE_MODERATION,
    QUEUE_PUSH,
    QUEUE_TIMELINES,
    SUBSCRIPTIONS,
    physical,
)
from infra.constructs.functions import CONSUMER_TIMEOUT
from infra.constructs.queues import QueueWithDlq
from infra.constructs.stack import AppStack
from infra.targets import Target

_AT_ONCE = (
    QUEUE_TIMELINES,
    QUEUE_DUE,
    QUEUE_MEDIA,
    QUEUE_INAPP,
    QUEUE_PUSH,
    QUEUE_MOBILE,
    QUEUE_MODERATION,
    QUEUE_CALLS,
    QUEUE_LIVE,
    QUEUE_LIVE_LOOKS,
)
#: queue → seconds until its messages can be received
_DELAYED = {QUEUE_CALL_TIMEOUTS: CALL_RING_SECONDS, QUEUE_CHAT_ARRIVALS: CHAT_ARRIVAL_SECONDS}


class MessagingStack(AppStack):
    """Topic, queues and stream; the functions that consume them are with their contexts."""

    def __init__(self, scope: Construct, target: Target) -> None:
        super().__init__(scope, "messaging", target)
        self.topic = sns.Topic(self, "Events", topic_name=physical("events"), enforce_ssl=not target.emulated)
        self.stream = self._build_stream()
        self.queues = {
            name: QueueWithDlq(self, name, consumer_timeout=CONSUMER_TIMEOUT, delay_seconds=seconds)
            for name, seconds in {**dict.fromkeys(_AT_ONCE, 0), **_DELAYED}.items()
        }
        for name, types in SUBSCRIPTIONS.items():
            self._subscribe(self.queues[name], types)
        self.output("TopicEvents", self.topic.topic_arn)
        self.output("StreamRealtime", self.stream.stream_name)

    def _build_stream(self) -> kinesis.Stream:
        return kinesis.Stream(
            self,
            "Realtime",
            stream_name=physical("realtime"),
            stream_mode=kinesis.StreamMode.PROVISIONED,
            shard_count=self.target.stage.shards,
            retention_period=cdk.Duration.hours(24),
            encryption=kinesis.StreamEncryption.MANAGED,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _subscribe(self, queue: QueueWithDlq, types: tuple[str, ...]) -> None:
        """Messages that SNS cannot deliver go to the same dead-letter queue as those that the consumer fails on."""
        self.topic.add_subscription(
            subscriptions.SqsSubscription(
                queue.queue,
                raw_message_delivery=True,
                dead_letter_queue=queue.dlq,
                filter_policy={"type": sns.SubscriptionFilter.string_filter(allowlist=list(types))},
            )
        )
