"""What every stack of the app has: its target, the way to package functions, outputs, what an emulator cannot take."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.bundles import code_zip
from infra.constants import PREFIX, camel, physical
from infra.layers import layer_zip
from infra.targets import Target

ROOT = Path(__file__).resolve().parent.parent.parent


class AppStack(cdk.Stack):
    """``asyncsns-<name>`` on one target."""

    def __init__(self, scope: Construct, name: str, target: Target) -> None:
        super().__init__(
            scope,
            physical(name),
            stack_name=physical(name),
            env=cdk.Environment(account=target.account, region=target.region),
            synthesizer=cdk.CliCredentialsStackSynthesizer(),
            termination_protection=False,
            tags={"project": PREFIX, "stack": name},
        )
        self.target = target
        self._layers: dict[str, lambda_.ILayerVersion] = {}
        self._left_out: dict[str, str] = {}
        #: What the observability stack watches: names of functions, of those that follow a stream, of failure queues.
        self.functions_made: list[str] = []
        self.stream_consumers_made: list[str] = []
        self.failure_queues_made: list[str] = []

    @property
    def removal_policy(self) -> cdk.RemovalPolicy:
        """Of what holds people's data."""
        return cdk.RemovalPolicy.DESTROY if self.target.emulated else cdk.RemovalPolicy.RETAIN

    def code(self, context: str) -> lambda_.Code:
        """The code asset of the functions of ``services/<context>``."""
        return lambda_.Code.from_asset(str(code_zip(ROOT, context)))

    @property
    def runtime(self) -> lambda_.Runtime:
        """An emulator runs its own Python whatever the name says: then the name shall be true."""
        return lambda_.Runtime.PYTHON_3_11 if self.target.emulated else lambda_.Runtime.PYTHON_3_12

    def layer_file(self, name: str) -> Path:
        """The zip of ``requirements/layer-<name>.txt`` for this target."""
        return layer_zip(ROOT, name, for_aws=not self.target.emulated)

    def layer_parameter(self, name: str) -> str:
        """Name of the SSM parameter that holds the layer's ARN (see ``stacks/layers.py``)."""
        return f"/{PREFIX}/layers/{self.layer_file(name).stem}"

    def layer(self, name: str) -> lambda_.ILayerVersion:
        """The shared layer, as a construct of this stack."""
        if name not in self._layers:
            arn = cdk.CfnDynamicReference(cdk.CfnDynamicReferenceService.SSM, self.layer_parameter(name)).to_string()
            self._layers[name] = lambda_.LayerVersion.from_layer_version_arn(self, f"Layer{camel(name)}", arn)
        return self._layers[name]

    def output(self, name: str, value: str) -> None:
        """A stack output; names are unique over all stacks, because the kit reads them as one table."""
        cdk.CfnOutput(self, f"Output{name}", value=value).override_logical_id(name)

    def supports(self, *cfn_types: str) -> bool:
        """Whether the target takes these resource types; those it does not are noted among what was left out."""
        refused = {name: self.target.refused[name] for name in cfn_types if name in self.target.refused}
        self._left_out.update(refused)
        return not refused

    def report_left_out(self) -> None:
        """Output ``LeftOut…``: JSON ``{resource type: reason}``, when there is something."""
        if self._left_out:
            name = self.node.id.removeprefix(f"{PREFIX}-")
            self.output(f"LeftOut{camel(name)}", json.dumps(self._left_out, sort_keys=True))
