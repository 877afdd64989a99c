"""Base of every stack: its target, packaging of functions, outputs, resources that an emulator does not support."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.access.model import Scope
from infra.bundles import code_zip
from infra.constants import BOUNDARY, PREFIX, camel, physical
from infra.interpreters import HOST_PYTHON, LAMBDA_PYTHON
from infra.layers import layer_zip
from infra.targets import Target

ROOT = Path(__file__).resolve().parent.parent.parent
_RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
}


class AppStack(cdk.Stack):
    """``asyncsns-<name>`` on one target."""

    def __init__(self, scope: Construct, name: str, target: Target) -> None:
        super().__init__(
            scope,
            physical(name),
            stack_name=physical(name),
            env=cdk.Environment(account=target.account, region=target.region),
            synthesizer=cdk.CliCredentialsStackSynthesizer(),
            termination_protection=target.stage.is_protected and not target.emulated,
            tags={"project": PREFIX, "stack": name},
        )
        self.target = target
        self._layers: dict[str, lambda_.ILayerVersion] = {}
        self._left_out: dict[str, str] = {}
        #: Resources that the observability stack watches: names of functions, of those that follow a stream, of queues.
        self.functions_made: list[str] = []
        self.stream_consumers_made: list[str] = []
        self.failure_queues_made: list[str] = []
        #: Those that a function consumes.
        self.queues_made: list[str] = []

    def bound_roles(self) -> None:
        """Set the permissions boundary on every role of this stack; without it the deploying role may make no role. The
        access stack makes the boundary; emulators have none."""
        if not self.target.emulated:
            made = iam.ManagedPolicy.from_managed_policy_name(self, "Boundary", physical(BOUNDARY))
            iam.PermissionsBoundary.of(self).apply(made)

    @property
    def scope(self) -> Scope:
        """The scope of the policies from the table of rights."""
        is_test = not self.target.stage.keeps_data
        return Scope(PREFIX, self.account, self.region, is_test=is_test, partition=self.partition)

    @property
    def removal_policy(self) -> cdk.RemovalPolicy:
        """The removal policy of people's data: kept when the stack goes, deleted when the deployment that creates it
        fails. With ``Retain`` it would be kept then too, and the next try would end with "already exists".

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
        """
        return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.keeps_data else cdk.RemovalPolicy.DESTROY

    @property
    def keeps_data(self) -> bool:
        """Whether people's data are protected against deletion, and kept when the stacks go."""
        return self.target.stage.keeps_data and not self.target.emulated

    @property
    def log_retention(self) -> logs.RetentionDays:
        """The retention of every log group."""
        return _RETENTION[self.target.log_days]

    def code(self, context: str) -> lambda_.Code:
        """The code asset of the functions of ``services/<context>``."""
        return lambda_.Code.from_asset(str(code_zip(ROOT, context, for_aws=not self.target.emulated)))

    @property
    def runtime(self) -> lambda_.Runtime:
        """An emulator without Lambda's images runs its own Python whatever the name says: then it is this machine's."""
        version = LAMBDA_PYTHON if self.target.has_lambda_python else HOST_PYTHON
        return lambda_.Runtime(f"python{version}", lambda_.RuntimeFamily.PYTHON)

    def layer_file(self, name: str) -> Path:
        """The zip of ``requirements/layer-<name>.txt`` for this target."""
        return layer_zip(ROOT, name, for_aws=self.target.has_lambda_python)

    def layer_parameter(self, name: str) -> str:
        """Name of the SSM parameter that holds the layer's ARN (see ``stacks/layers.py``)."""
        return f"/{PREFIX}/layers/{self.layer_file(name).stem}"

    def layer(self, name: str) -> lambda_.ILayerVersion:
        """The layer, as a construct of this stack. On AWS it is a version of this stack's: CloudFormation removes the
        old one after its functions have the new one, and not when they roll back. An emulator shares one."""
        if name not in self._layers:
            self._layers[name] = self._shared(name) if self.target.emulated else self.layer_version(name)
        return self._layers[name]

    def layer_version(self, name: str) -> lambda_.LayerVersion:
        """A new version of the layer, made by this stack."""
        return lambda_.LayerVersion(
            self,
            f"Layer{camel(name)}",
            code=lambda_.Code.from_asset(str(self.layer_file(name))),
            compatible_runtimes=[self.runtime],
            description=f"requirements/layer-{name}.txt",
        )

    def _shared(self, name: str) -> lambda_.ILayerVersion:
        arn = cdk.CfnDynamicReference(cdk.CfnDynamicReferenceService.SSM, self.layer_parameter(name)).to_string()
        return lambda_.LayerVersion.from_layer_version_arn(self, f"Layer{camel(name)}", arn)

    def output(self, name: str, value: str) -> None:
        """A stack output; names are unique over all stacks, because the kit reads them as one table."""
        cdk.CfnOutput(self, f"Output{name}", value=value).override_logical_id(name)

    def supports(self, *cfn_types: str) -> bool:
        """Whether the target supports these resource types; unsupported ones are added to the list of left-out
        types."""
        refused = {name: self.target.refused[name] for name in cfn_types if name in self.target.refused}
        self._left_out.update(refused)
        return not refused

    def report_left_out(self) -> None:
        """Output ``LeftOut…``: JSON ``{resource type: reason}``, when there is something."""
        if self._left_out:
            name = self.node.id.removeprefix(f"{PREFIX}-")
            self.output(f"LeftOut{camel(name)}", json.dumps(self._left_out, sort_keys=True))
