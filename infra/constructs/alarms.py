"""Alarms: a metric, a threshold, and the meaning of a breach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns

from infra.constants import camel, physical
from infra.constructs.stack import AppStack

#: A consumer that is this far behind (milliseconds) delays what people see.
_LATE_MS = 60_000
#: A message that waited this long (seconds) has missed its moment.
_OLD_SECONDS = 300
_LEAST_FREE_MB = 2_048
_AT_LEAST, _AT_MOST = "GreaterThanOrEqualToThreshold", "LessThanOrEqualToThreshold"


@dataclass(frozen=True)
class Alarm:
    """An alarm when ``metric`` is at or above ``threshold`` (or at or below it, by ``comparison``) in each of
    ``minutes`` one-minute periods. ``runbook`` is the page of ``docs/runbooks`` with the response."""

    name: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float
    statistic: str = "Sum"
    minutes: int = 1
    text: str = ""
    runbook: str = ""
    comparison: str = _AT_LEAST

    @property
    def description(self) -> str:
        return f"{self.text} Runbook: docs/runbooks/{self.runbook}.md"

    @classmethod
    def function_errors(cls, function: str) -> Alarm:
        text = f"{function} raised: see its log group and the traces with fault = true."
        seen = {"FunctionName": function}
        return cls(f"{function}-errors", "AWS/Lambda", "Errors", seen, 1, text=text, runbook="function-errors")

    @classmethod
    def iterator_age(cls, function: str) -> Alarm:
        text = f"{function} is more than a minute behind its stream."
        seen = {"FunctionName": function}
        return cls(f"{function}-late", "AWS/Lambda", "IteratorAge", seen, _LATE_MS, "Maximum", 3, text, "late-consumer")

    @classmethod
    def message_waits(cls, queue: str) -> Alarm:
        """A single message raises the alarm: it was dead-lettered."""
        metric = "ApproximateNumberOfMessagesVisible"
        text = f"{queue} holds what a consumer gave up."
        seen = {"QueueName": queue}
        return cls(f"{queue}-filled", "AWS/SQS", metric, seen, 1, "Maximum", text=text, runbook="dead-letters")

    @classmethod
    def message_is_old(cls, queue: str) -> Alarm:
        metric = "ApproximateAgeOfOldestMessage"
        text = f"A message has waited for five minutes in {queue}."
        seen = {"QueueName": queue}
        return cls(f"{queue}-old", "AWS/SQS", metric, seen, _OLD_SECONDS, "Maximum", 3, text, "late-consumer")

    @classmethod
    def write_throttled(cls, table: str, index: str = "") -> Alarm:
        """A throttled index also throttles the writes of its table."""
        where = f"{index} of {table}" if index else table
        text = f"{where} refuses writes: a hot partition, or traffic that doubled faster than on-demand follows."
        seen = {"TableName": table} | ({"GlobalSecondaryIndexName": index} if index else {})
        name = f"{table}-{index}-throttled" if index else f"{table}-throttled"
        return cls(name, "AWS/DynamoDB", "WriteThrottleEvents", seen, 1, text=text, runbook="throttled-table")


def alarms_of_lambda(concurrency: int) -> list[Alarm]:
    """Alarms of all functions together, which share the limit of the account and region.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html
    """
    throttled = "Lambda refuses invocations: too many run at once."
    many = f"More than 80 % of {concurrency} concurrent executions are in use."
    return [
        Alarm("functions-throttled", "AWS/Lambda", "Throttles", {}, 1, text=throttled, runbook="throttled-functions"),
        Alarm(
            "functions-many", "AWS/Lambda", "ConcurrentExecutions", {}, concurrency * 0.8, "Maximum", 3, many,
            "throttled-functions",
        ),
    ]  # fmt: skip


def alarms_of_search(account: str) -> list[Alarm]:
    """https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html"""
    seen = {"DomainName": physical("search"), "ClientId": account}
    full = "The search domain has less than 2 GB of storage left; it blocks writes below 20 % of the storage."
    return [
        Alarm("search-red", "AWS/ES", "ClusterStatus.red", seen, 1, "Maximum", 1,
              "A primary shard is not allocated: searches miss posts.", "search"),
        Alarm("search-blocked", "AWS/ES", "ClusterIndexWritesBlocked", seen, 1, "Maximum", 5,
              "The search domain refuses writes.", "search"),
        Alarm("search-memory", "AWS/ES", "JVMMemoryPressure", seen, 85, "Maximum", 15,
              "The search domain runs out of heap.", "search"),
        Alarm("search-storage", "AWS/ES", "FreeStorageSpace", seen, _LEAST_FREE_MB, "Minimum", 1, full, "search",
              _AT_MOST),
    ]  # fmt: skip


def make_alarms(stack: AppStack, alarms: Iterable[Alarm], topic: sns.Topic) -> dict[str, cloudwatch.CfnAlarm]:
    """Alarms by name; each notifies ``topic`` when its state changes to ALARM and back to OK."""
    return {alarm.name: _make(stack, alarm, topic) for alarm in alarms}


def _make(stack: AppStack, alarm: Alarm, topic: sns.Topic) -> cloudwatch.CfnAlarm:
    percentile = alarm.statistic.startswith("p")
    name = alarm.name if alarm.name.startswith(physical("")) else physical(alarm.name)
    return cloudwatch.CfnAlarm(
        stack,
        f"Alarm{camel(alarm.name)}",
        alarm_name=name,
        alarm_description=alarm.description,
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        dimensions=[{"name": key, "value": value} for key, value in alarm.dimensions.items()] or None,
        statistic=None if percentile else alarm.statistic,
        extended_statistic=alarm.statistic if percentile else None,
        period=60,
        evaluation_periods=alarm.minutes,
        threshold=alarm.threshold,
        comparison_operator=alarm.comparison,
        treat_missing_data="notBreaching",
        alarm_actions=[topic.topic_arn],
        ok_actions=[topic.topic_arn],
    )
