"""Alarms: a metric, a bound, and what it means when it is crossed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns

from infra.constants import camel, physical
from infra.constructs.stack import AppStack

#: A consumer that is this far behind (milliseconds) delays what people see.
_LATE_MS = 60_000


@dataclass(frozen=True)
class Alarm:
    """Rings when ``metric`` is at or above ``threshold`` in each of ``minutes`` one-minute periods."""

    name: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float
    statistic: str = "Sum"
    minutes: int = 1
    text: str = ""

    @classmethod
    def function_errors(cls, function: str) -> Alarm:
        text = f"{function} raised: see its log group and the traces with fault = true."
        return cls(f"{function}-errors", "AWS/Lambda", "Errors", {"FunctionName": function}, 1, text=text)

    @classmethod
    def iterator_age(cls, function: str) -> Alarm:
        text = f"{function} is more than a minute behind its stream."
        return cls(
            f"{function}-late", "AWS/Lambda", "IteratorAge", {"FunctionName": function}, _LATE_MS, "Maximum", 3, text
        )

    @classmethod
    def message_waits(cls, queue: str) -> Alarm:
        """One is enough: what is in these queues was given up."""
        metric = "ApproximateNumberOfMessagesVisible"
        text = f"{queue} holds what a consumer gave up: read it, mend the cause, replay it."
        return cls(f"{queue}-filled", "AWS/SQS", metric, {"QueueName": queue}, 1, "Maximum", text=text)

    @classmethod
    def write_throttled(cls, table: str) -> Alarm:
        text = f"{table} refuses writes: a hot partition, or traffic that doubled faster than on-demand follows."
        return cls(f"{table}-throttled", "AWS/DynamoDB", "WriteThrottleEvents", {"TableName": table}, 1, text=text)


def make_alarms(stack: AppStack, alarms: Iterable[Alarm], topic: sns.Topic) -> dict[str, cloudwatch.CfnAlarm]:
    """Alarms by name, each telling ``topic`` when it rings and when it is over."""
    return {alarm.name: _make(stack, alarm, topic) for alarm in alarms}


def _make(stack: AppStack, alarm: Alarm, topic: sns.Topic) -> cloudwatch.CfnAlarm:
    percentile = alarm.statistic.startswith("p")
    name = alarm.name if alarm.name.startswith(physical("")) else physical(alarm.name)
    return cloudwatch.CfnAlarm(
        stack,
        f"Alarm{camel(alarm.name)}",
        alarm_name=name,
        alarm_description=alarm.text or None,
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        dimensions=[{"name": key, "value": value} for key, value in alarm.dimensions.items()],
        statistic=None if percentile else alarm.statistic,
        extended_statistic=alarm.statistic if percentile else None,
        period=60,
        evaluation_periods=alarm.minutes,
        threshold=alarm.threshold,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic.topic_arn],
        ok_actions=[topic.topic_arn],
    )
