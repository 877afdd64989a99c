"""Weighted deployments of user-facing functions: template only, because MiniStack has no CodeDeploy."""

from __future__ import annotations

import re

from infra.constants import RESERVED
from tests.infra.templates import Templates, text


def test_new_code_gets_a_tenth_first_and_rolls_back_on_its_alarm(aws: Templates) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html"""
    aliases = {key: row for key, row in aws.all() if row["Type"] == "AWS::Lambda::Alias"}
    assert len(aliases) == len(RESERVED)
    for row in aliases.values():
        assert row["Properties"]["Name"] == "live"
        assert "CodeDeployLambdaAliasUpdate" in row["UpdatePolicy"]
    groups = aws.resources("AWS::CodeDeploy::DeploymentGroup")
    assert {row["DeploymentGroupName"] for row in groups.values()} == {f"asyncsns-{name}" for name in RESERVED}
    alarms = {key: row["AlarmName"] for key, row in aws.resources("AWS::CloudWatch::Alarm").items()}
    for key, row in groups.items():
        assert row["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert row["AutoRollbackConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in row["AutoRollbackConfiguration"]["Events"]
        (watched,) = row["AlarmConfiguration"]["Alarms"]
        name = alarms[f"{key.partition('/')[0]}/{watched['Name']['Ref']}"]
        assert name == f"{row['DeploymentGroupName']}-rollout"


def test_apis_call_the_alias_and_are_allowed_to(aws: Templates) -> None:
    """A call that bypasses the alias would run new code at once, and a function's permission does not cover its alias.

    https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
    """
    behind = {
        text(row["FunctionName"])
        for row in aws.resources("AWS::Lambda::Permission").values()
        if row["Principal"] == "apigateway.amazonaws.com"
    }
    uris = {text(row["IntegrationUri"]) for row in aws.resources("AWS::ApiGatewayV2::Integration").values()}
    for name in ("Query", "Post", "Chat", "Realtime"):
        called = [one for one in (*behind, *uris) if f"Function{name}Live" in one]
        assert called, name
        assert not [one for one in (*behind, *uris) if re.search(rf"Function{name}[0-9A-F]{{8}}", one)]


def test_an_emulator_calls_the_functions_themselves(embedded: Templates) -> None:
    assert not [row for _, row in embedded.all() if row["Type"] in ("AWS::Lambda::Alias", "AWS::Lambda::Version")]
