"""Weighted deployments: of a function that people wait for, new code gets a tenth of the requests for five minutes, and
is rolled back if an alarm fires meanwhile.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from infra.constants import RESERVED, physical
from infra.constructs.stack import AppStack

ALIAS: Final = "live"
_CHILD: Final = "Live"
_ROLE: Final = "RolloutRole"
_TYPES: Final = ("AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup")
_MAY_SHIFT: Final = "service-role/AWSCodeDeployRoleForLambdaLimited"


def roll_out(stack: AppStack, name: str, function: lambda_.Function) -> None:
    """The alias ``live`` of a function that people wait for, moved by CodeDeploy; others change at once."""
    if name not in RESERVED or not stack.supports(*_TYPES):
        return
    alias = lambda_.Alias(function, _CHILD, alias_name=ALIAS, version=function.current_version)
    codedeploy.LambdaDeploymentGroup(
        function,
        "Rollout",
        deployment_group_name=physical(name),
        alias=alias,
        role=_role(stack),
        deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
        alarms=[_alarm(stack, function, name)],
        auto_rollback=codedeploy.AutoRollbackConfig(failed_deployment=True, stopped_deployment=True),
    )


def called_as(function: lambda_.Function) -> str:
    """The ARN that callers use: that of the alias, where there is one."""
    alias = function.node.try_find_child(_CHILD)
    return alias.function_arn if isinstance(alias, lambda_.Alias) else function.function_arn


def _role(stack: AppStack) -> iam.Role:
    """The role for the deployments of a stack: it moves aliases and reads alarms."""
    found = stack.node.try_find_child(_ROLE)
    if isinstance(found, iam.Role):
        return found
    return iam.Role(
        stack,
        _ROLE,
        assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
        description="Moves the aliases of this stack's functions, and back when an alarm rings",
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_MAY_SHIFT)],
    )


def _alarm(stack: AppStack, function: lambda_.Function, name: str) -> cloudwatch.IAlarm:
    """An alarm on invocations through the alias: two errors in a minute, of new or old code. The topic's stack is made
    later, so it is named, not referenced.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    topic = f"arn:{stack.partition}:sns:{stack.region}:{stack.account}:{physical('ops')}"
    made = cloudwatch.CfnAlarm(
        function,
        "RolloutAlarm",
        alarm_name=f"{physical(name)}-rollout",
        alarm_description=f"{physical(name)} fails: new code is taken back. Runbook: docs/runbooks/function-errors.md",
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions=[
            {"name": "FunctionName", "value": physical(name)},
            {"name": "Resource", "value": f"{physical(name)}:{ALIAS}"},
        ],
        statistic="Sum",
        period=60,
        threshold=2,
        evaluation_periods=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic],
        ok_actions=[topic],
    )
    return cloudwatch.Alarm.from_alarm_name(function, "RolloutAlarmName", made.ref)
