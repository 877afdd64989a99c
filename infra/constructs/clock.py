"""Functions on a schedule."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_

from infra.constructs.stack import AppStack


def every_minute(stack: AppStack, name: str, function: lambda_.Function) -> None:
    """An EventBridge rule that invokes ``function`` once a minute; it may do so more than once.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    rule = events.CfnRule(
        function,
        "EveryMinute",
        name=name,
        description=f"Calls {name} every minute",
        schedule_expression="rate(1 minute)",
        state="ENABLED",
        targets=[events.CfnRule.TargetProperty(id=name, arn=function.function_arn)],
    )
    _permit(function, rule)


def _permit(function: lambda_.Function, rule: events.CfnRule) -> None:
    lambda_.CfnPermission(
        function,
        "ClockPermission",
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        principal="events.amazonaws.com",
        source_arn=rule.attr_arn,
    )
