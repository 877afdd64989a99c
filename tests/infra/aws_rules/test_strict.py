"""The product obeys the rules of the strict emulation (``emulation/emulator/strict``), on AWS and locally."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from emulation.emulator.strict.policies import characters
from emulation.emulator.strict.rules import RULES, refusal
from kit.template_checks.resolve import Resolver
from tests.infra.templates import Templates

Json = dict[str, Any]


class TemplateAccount:
    """An account in which all stacks are deployed. ``test_aws_layers`` checks package sizes."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def _of(self, kind: str) -> dict[str, Json]:
        return self._templates.resources(kind)

    def log_role(self) -> str:
        return next((str(row["CloudWatchRoleArn"]) for row in self._of("AWS::ApiGateway::Account").values()), "")

    def api_protocol(self, api: str) -> str:
        return {row["Name"]: str(row["ProtocolType"]) for row in self._of("AWS::ApiGatewayV2::Api").values()}[api]

    def visibility_seconds(self, queue_arn: str) -> int | None:
        if ":sqs:" not in queue_arn:
            return None
        found = {row["QueueName"]: row for row in self._of("AWS::SQS::Queue").values()}
        return int(found[queue_arn.rpartition(":")[2]].get("VisibilityTimeout", 30))

    def timeout_seconds(self, function: str) -> int | None:
        name = function.rpartition("function:")[2].partition(":")[0]
        return {row["FunctionName"]: int(row["Timeout"]) for row in self._of("AWS::Lambda::Function").values()}[name]

    def unzipped_bytes(self, function: Mapping[str, Any]) -> int:
        return 0

    def reserved_elsewhere(self, function: str) -> int:
        rows = self._of("AWS::Lambda::Function").values()
        return sum(row.get("ReservedConcurrentExecutions", 0) for row in rows if row["FunctionName"] != function)

    def inline_characters(self, role: str, *, without: str) -> int:
        documents = [
            row["PolicyDocument"]
            for row in self._of("AWS::IAM::Policy").values()
            if role in row.get("Roles", ()) and row["PolicyName"] != without
        ]
        for key, row in self._of("AWS::IAM::Role").items():
            if role in (row.get("RoleName"), key.partition("/")[2]):
                documents += [policy["PolicyDocument"] for policy in row.get("Policies", ())]
        return sum(map(characters, documents))


@pytest.mark.parametrize("target", ["aws", "embedded"])
def test_every_resource_keeps_the_strict_rules(request: pytest.FixtureRequest, target: str) -> None:
    templates: Templates = request.getfixturevalue(target)
    resolver = Resolver(templates.stacks)
    plain = Templates(
        {
            stack: template | {"Resources": resolver.plain(stack, template["Resources"])}
            for stack, template in templates.stacks.items()
        }
    )
    account = TemplateAccount(plain)
    seen: set[str] = set()
    for key, row in plain.all():
        if row["Type"] in RULES:
            seen.add(row["Type"])
            assert refusal(row["Type"], row.get("Properties", {}), account) is None, key
    assert {"AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::ApiGatewayV2::Stage"} <= seen


def test_a_stage_without_the_role_would_be_found(plain: Templates) -> None:
    stacks = {
        stack: template
        | {"Resources": {k: v for k, v in template["Resources"].items() if v["Type"] != "AWS::ApiGateway::Account"}}
        for stack, template in plain.stacks.items()
    }
    bare = Templates(stacks)
    account = TemplateAccount(bare)
    stages = bare.resources("AWS::ApiGatewayV2::Stage").values()
    found = [refusal("AWS::ApiGatewayV2::Stage", row, account) for row in stages]
    assert [one.message for one in found if one] == [
        "CloudWatch Logs role ARN must be set in account settings to enable logging"
    ]
