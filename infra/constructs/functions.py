"""The one way to make a Lambda function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from infra.constants import METRICS_NAMESPACE, RESERVED, camel, physical
from infra.constructs.queues import failure_queue
from infra.constructs.rollout import roll_out
from infra.constructs.stack import AppStack
from infra.constructs.triggers import StreamTrigger, Trigger
from infra.constructs.uses import Use

HTTP_TIMEOUT = 10
CONSUMER_TIMEOUT = 30


@dataclass(frozen=True)
class Placement:
    """What a function needs besides its uses to reach something in a network: environment, layers, VPC placement."""

    environment: Mapping[str, str]
    layers: tuple[str, ...] = ()
    vpc: ec2.IVpc | None = None
    security_group: ec2.ISecurityGroup | None = None


def python_function(
    stack: AppStack,
    name: str,
    entry: str,
    *,
    uses: Iterable[Use] = (),
    triggers: Sequence[Trigger] = (),
    layers: Sequence[str] = (),
    timeout: int = HTTP_TIMEOUT,
    memory: int = 512,
    environment: Mapping[str, str] | None = None,
    asynchronous: bool = False,
    placement: Placement | None = None,
) -> lambda_.Function:
    """``asyncsns-<name>`` running ``services.<entry>``, with a role that allows its ``uses`` and ``triggers`` only.

    Args:
        entry: ``<context>.handler.<function>``.
        layers: besides ``api``: names of ``requirements/layer-<name>.txt``.
        timeout: seconds.
        memory: MB; CPU grows with it.
        placement: what the function needs to reach something in a network.
        asynchronous: invoked by events: after two retries Lambda sends the event to a queue.
    """
    context = entry.partition(".")[0]
    placed = placement or Placement({})
    follows_stream = any(isinstance(trigger, StreamTrigger) for trigger in triggers)
    failures = failure_queue(stack, f"{name}-failures") if follows_stream or asynchronous else None
    granted = [*uses, *_uses_of_triggers(stack, triggers, failures)]
    log_group = _log_group(stack, name)
    function = lambda_.Function(
        stack,
        f"Function{camel(name)}",
        function_name=physical(name),
        runtime=stack.runtime,
        handler=f"services.{entry}",
        code=stack.code(context),
        layers=[stack.layer(layer) for layer in ("api", *layers, *placed.layers)],
        role=_role(stack, name, granted, log_group),
        timeout=cdk.Duration.seconds(timeout),
        memory_size=memory,
        reserved_concurrent_executions=_reserved(stack, name),
        tracing=lambda_.Tracing.ACTIVE,
        log_group=log_group,
        environment=_environment(stack, context, granted) | dict(placed.environment) | dict(environment or {}),
        vpc=placed.vpc,
        security_groups=[placed.security_group] if placed.security_group is not None else None,
    )
    if asynchronous:
        _note_failed_events(function, failures)
    for trigger in triggers:
        trigger.attach(function, failures)
    roll_out(stack, name, function)
    stack.functions_made.append(physical(name))
    if follows_stream:
        stack.stream_consumers_made.append(physical(name))
    return function


def _reserved(stack: AppStack, name: str) -> int | None:
    """Emulators have no account limit that could be used up."""
    return RESERVED.get(name) if stack.target.stage.reserves and not stack.target.emulated else None


def _uses_of_triggers(stack: AppStack, triggers: Iterable[Trigger], failures: sqs.Queue | None) -> list[Use]:
    uses = [use for trigger in triggers for use in trigger.uses_of(stack.target)]
    if failures is not None:
        uses.append(Use("NoteFailures", ("sqs:SendMessage",), [failures.queue_arn]))
    return uses


def _note_failed_events(function: lambda_.Function, failures: sqs.Queue | None) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""
    assert failures is not None
    lambda_.CfnEventInvokeConfig(
        function,
        "Asynchronous",
        function_name=function.function_name,
        qualifier="$LATEST",
        maximum_retry_attempts=2,
        destination_config={"onFailure": {"destination": failures.queue_arn}},
    )


def _environment(stack: AppStack, context: str, uses: Iterable[Use]) -> dict[str, str]:
    environment = {
        "POWERTOOLS_SERVICE_NAME": context,
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
    if stack.target.xray_daemon_address:
        environment["AWS_XRAY_DAEMON_ADDRESS"] = stack.target.xray_daemon_address
    for use in uses:
        environment.update({key: value for key, value in use.environment.items() if value})
    return environment


def _log_group(stack: AppStack, name: str) -> logs.LogGroup:
    return logs.LogGroup(
        stack,
        f"Logs{camel(name)}",
        log_group_name=f"/aws/lambda/{physical(name)}",
        retention=stack.log_retention,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


def _role(stack: AppStack, name: str, uses: Iterable[Use], log_group: logs.LogGroup) -> iam.IRole:
    """Frozen, so that no construct widens it afterwards: what is listed here is all the function may do."""
    log_streams = Use("Log", ("logs:CreateLogStream", "logs:PutLogEvents"), [f"{log_group.log_group_arn}:*"])
    # X-Ray has no resources to name: https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html
    trace = Use("Trace", ("xray:PutTraceSegments", "xray:PutTelemetryRecords"), ["*"])
    statements = [use.statement() for use in (*_merged(uses), log_streams, trace)]
    role = iam.Role(
        stack,
        f"Role{camel(name)}",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        description=f"What the function {physical(name)} may do",
        inline_policies={"uses": iam.PolicyDocument(statements=statements)},
    )
    return role.without_policy_updates()


def _merged(uses: Iterable[Use]) -> list[Use]:
    """One statement per ``sid``: a table named twice is granted once."""
    return list({use.sid: use for use in uses}.values())
