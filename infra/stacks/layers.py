"""Lambda layers of an emulator: one version of each, for the functions of all stacks."""

from __future__ import annotations

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.constants import camel
from infra.constructs.stack import ROOT, AppStack
from infra.targets import Target


class LayersStack(AppStack):
    """A layer's ARN is found by a parameter whose name holds the content's hash.

    An export would lock this stack while others import it, and every new version changes the ARN. So the others name
    the parameter of the content they want. On AWS every stack makes the layers it uses (``AppStack.layer``): a version
    of another stack would be gone when its functions roll back. An emulator would unpack each of them.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
    """

    def __init__(self, scope: Construct, target: Target) -> None:
        super().__init__(scope, "layers", target)
        for file in sorted((ROOT / "requirements").glob("layer-*.txt")):
            self._build(file.stem.removeprefix("layer-"))

    def _build(self, name: str) -> None:
        version = self.layer_version(name)
        ssm.StringParameter(
            self,
            f"Layer{camel(name)}Arn",
            parameter_name=self.layer_parameter(name),
            string_value=version.layer_version_arn,
        )
