"""The emulator's real behaviour matches its capability list."""

from __future__ import annotations

from emulation.emulator.capabilities import Prober
from kit.deploy.context import REFUSED
from tests.contract.emulator_process import EmulatorProcess

NEEDED = {
    "apigatewaymanagementapi", "apigatewayv2", "cloudformation", "cloudfront", "cloudwatch", "cognito-identity",
    "cognito-idp", "dynamodb", "dynamodbstreams", "iam", "kinesis", "lambda", "logs", "s3", "sns", "sqs", "sts",
}  # fmt: skip


def test_missing_services_are_found_with_a_reason(emulator: EmulatorProcess) -> None:
    found = {name: Prober(emulator.url).service(name) for name in (*NEEDED, "xray")}
    assert {name for name, one in found.items() if not one.available} == {"xray"}
    assert found["xray"].reason


def test_missing_resource_types_are_found_with_a_reason(emulator: EmulatorProcess) -> None:
    prober = Prober(emulator.url)
    assert prober.resource_type("AWS::DynamoDB::Table").available
    refused = prober.resource_type("AWS::CloudFront::KeyGroup")
    assert not refused.available
    assert "KeyGroup" in refused.reason


def test_the_cdk_app_learns_which_types_the_emulator_refuses(emulator: EmulatorProcess) -> None:
    prober = Prober(emulator.url)
    assert not [name for name in REFUSED if prober.resource_type(name).available]


def test_an_unreachable_emulator_is_reported() -> None:
    found = Prober("http://127.0.0.1:9").service("sqs")
    assert not found.available
    assert "127.0.0.1:9" in found.reason
