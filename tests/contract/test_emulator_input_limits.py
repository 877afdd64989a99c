"""The emulator's validation of rules, parameters, secrets, stream lists and function payloads.

Sources: the API References of EventBridge, Systems Manager, Secrets Manager, CloudWatch Logs and Lambda.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.emulator_process import EmulatorProcess
from tests.contract.emulator_services import INVALID, Call, Services, check, rows


@pytest.fixture(scope="module")
def aws(emulator: EmulatorProcess) -> Services:
    return Services(emulator.url)


def _rule(aws: Services, **more: Any) -> Any:
    return aws.events.put_rule(Name=aws.name, **more)


def _parameter(aws: Services, value: str, **more: Any) -> Any:
    return aws.ssm.put_parameter(Name=aws.name, Value=value, Type="String", Overwrite=True, **more)


def _secret(aws: Services, name: str, **more: Any) -> Any:
    return aws.secrets.create_secret(Name=f"{name}{uuid.uuid4().hex}", **more)


def _streams(aws: Services, order: str) -> Any:
    return aws.logs.describe_log_streams(logGroupName=aws.name, logStreamNamePrefix="s", orderBy=order)


@rows(
    ("a rule of nothing", _rule, INVALID),
    ("a rate of 1 minutes", lambda aws: _rule(aws, ScheduleExpression="rate(1 minutes)"), INVALID),
    ("a rate of 5 minute", lambda aws: _rule(aws, ScheduleExpression="rate(5 minute)"), INVALID),
    ("a rate of 0", lambda aws: _rule(aws, ScheduleExpression="rate(0 hours)"), INVALID),
    ("rates", lambda aws: [
        _rule(aws, ScheduleExpression=f"rate({one})") for one in ("1 minute", "10 minutes", "2 days")], None),
    ("a parameter of 4,097 characters", lambda aws: _parameter(aws, "x" * 4_097), INVALID),
    ("a parameter of 4,096 characters", lambda aws: _parameter(aws, "x" * 4_096), None),
    ("an advanced parameter", lambda aws: _parameter(aws, "x" * 8_192, Tier="Advanced"), None),
    ("11 parameters", lambda aws: aws.ssm.get_parameters(Names=[str(n) for n in range(11)]), INVALID),
    ("a secret's name", lambda aws: _secret(aws, "a b", SecretString="x"), INVALID),
    ("a text and bytes", lambda aws: _secret(aws, "a", SecretString="x", SecretBinary=b"x"),
     "InvalidParameterException"),
    ("a secret of 65,537 characters", lambda aws: _secret(aws, "a", SecretString="x" * 65_537), INVALID),
    ("a secret", lambda aws: _secret(aws, "a/b_+=.@!-", SecretString="x" * 65_536), None),
    ("streams of a prefix by time", lambda aws: _streams(aws, "LastEventTime"), "InvalidParameterException"),
    ("streams of a prefix by name", lambda aws: _streams(aws, "LogStreamName"), None),
)  # fmt: skip
def test_requests_are_checked_against_the_limits(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


_LARGE = b'"' + b"x" * 1024 * 1024 + b'"'


@pytest.mark.parametrize(
    ("kind", "payload", "code"),
    [
        ("RequestResponse", b"{", "InvalidRequestContentException"), ("Event", b"{", "InvalidRequestContentException"),
        ("RequestResponse", b"\xff", "InvalidRequestContentException"),
        ("RequestResponse", b"x" * (6 * 1024 * 1024 + 1), "RequestTooLargeException"),
        ("Event", _LARGE, "RequestTooLargeException"),
        # A valid payload passes validation; then the call fails because the function does not exist.
        ("RequestResponse", b"null", "ResourceNotFoundException"), ("Event", b"", "ResourceNotFoundException"),
        ("RequestResponse", _LARGE, "ResourceNotFoundException"),
    ],
    ids=range(8),
)  # fmt: skip
def test_payloads_of_functions_are_checked_for_json_and_size(
    aws: Services, kind: str, payload: bytes, code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        aws.lambdas.invoke(FunctionName="nobody", InvocationType=kind, Payload=payload)
    assert caught.value.response["Error"]["Code"] == code
