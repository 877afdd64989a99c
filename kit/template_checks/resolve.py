"""Resolves intrinsic functions of templates to text, for tools that read plain documents.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from emulation.settings import REGION
from kit.deploy.synth import EXAMPLE_ACCOUNT

Json = dict[str, Any]

_PSEUDO: Final = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": EXAMPLE_ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
}
#: Type → the ARN of one of its resources; ``{name}`` is the name in its properties, or else its logical id.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_ARNS: Final = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::Kinesis::Stream": "arn:aws:kinesis:{region}:{account}:stream/{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::Cognito::UserPool": "arn:aws:cognito-idp:{region}:{account}:userpool/{region}_Example01",
    "AWS::OpenSearchService::Domain": "arn:aws:es:{region}:{account}:domain/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/00000000-0000-4000-8000-000000000000",
}
_NAMES: Final = ("TableName", "QueueName", "TopicName", "BucketName", "FunctionName", "LogGroupName", "RoleName",
                 "DomainName", "Name")  # fmt: skip
#: Without the colons of a real label, which parliament takes for ends of fields.
_STREAM: Final = "/stream/2026-01-01"


@dataclass(frozen=True)
class Resolver:
    """``stacks``: templates by name. Values that only AWS knows (generated ids) become the resource's logical id."""

    stacks: Mapping[str, Json]

    def text(self, stack: str, value: Any) -> str:
        """A value as text.

        Raises:
            ValueError: an intrinsic function that the app does not use.
        """
        if not isinstance(value, dict):
            return str(value)
        ((function, argument),) = value.items()
        if function == "Ref":
            return _PSEUDO.get(argument) or self._physical(stack, argument)
        if function == "Fn::GetAtt":
            return self._attribute(stack, *argument)
        if function == "Fn::Join":
            separator, parts = argument
            return str(separator).join(self.text(stack, part) for part in parts)
        if function == "Fn::ImportValue":
            return self._exported(self.text(stack, argument))
        if function == "Fn::Select":
            return f"selected-{argument[0]}"
        if function == "Fn::Sub":
            return self._substituted(stack, argument)
        raise ValueError(f"{stack}: expected an intrinsic function that is known here, got {function}")

    def plain(self, stack: str, value: Any) -> Any:
        """A whole document with every intrinsic function in it resolved."""
        if isinstance(value, list):
            return [self.plain(stack, one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (next(iter(value)) == "Ref" or next(iter(value)).startswith("Fn::")):
            return self.text(stack, value)
        return {key: self.plain(stack, one) for key, one in value.items()}

    def _substituted(self, stack: str, argument: Any) -> str:
        template, given = argument if isinstance(argument, list) else (argument, {})

        def value_of(found: re.Match[str]) -> str:
            name = found.group(1)
            return self.text(stack, given.get(name, {"Ref": name}))

        return re.sub(r"\$\{([^}!]+)\}", value_of, template)

    def _physical(self, stack: str, logical_id: str) -> str:
        row = self.stacks[stack]["Resources"].get(logical_id)
        if row is None:
            return f"parameter-{logical_id}"
        name = self._name(stack, logical_id)
        if row["Type"] == "AWS::Lambda::Alias":
            return f"{self.text(stack, row['Properties']['FunctionName'])}:{name}"
        if row["Type"] == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{EXAMPLE_ACCOUNT}/{name}"
        return self._attribute(stack, logical_id, "Arn") if row["Type"] == "AWS::SNS::Topic" else name

    def _name(self, stack: str, logical_id: str) -> str:
        properties = self.stacks[stack]["Resources"][logical_id].get("Properties", {})
        return next((self.text(stack, properties[key]) for key in _NAMES if key in properties), logical_id)

    def _attribute(self, stack: str, logical_id: str, attribute: str) -> str:
        row = self.stacks[stack]["Resources"][logical_id]
        pattern = _ARNS.get(row["Type"])
        if pattern and attribute in ("Arn", "StreamArn", "TopicArn"):
            arn = pattern.format(region=REGION, account=EXAMPLE_ACCOUNT, name=self._name(stack, logical_id))
            if row["Type"] == "AWS::Logs::LogGroup":
                return f"{arn}:*"
            return arn + (_STREAM if attribute == "StreamArn" else "")
        return f"{self._name(stack, logical_id)}.{attribute}"

    def _exported(self, name: str) -> str:
        for stack, template in self.stacks.items():
            for output in template.get("Outputs", {}).values():
                if self.text(stack, output.get("Export", {}).get("Name", "")) == name:
                    return self.text(stack, output["Value"])
        raise ValueError(f"no stack exports {name}")
