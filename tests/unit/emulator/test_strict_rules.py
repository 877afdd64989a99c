"""Limits of the strict rules: a value at a quota is accepted, a value beyond it is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulation.emulator.strict import regions
from emulation.emulator.strict.enforcing import reason
from emulation.emulator.strict.names import NAMES
from emulation.emulator.strict.refused import Refused
from emulation.emulator.strict.rules import refusal
from emulation.settings import Settings


@dataclass
class Account:
    """A fake account whose usage the test sets."""

    role: str = ""
    protocols: dict[str, str] = field(default_factory=dict)
    queues: dict[str, int] = field(default_factory=dict)
    timeouts: dict[str, int] = field(default_factory=dict)
    unzipped: int = 0
    reserved: int = 0
    inline: int = 0

    def log_role(self) -> str:
        return self.role

    def api_protocol(self, api: str) -> str:
        return self.protocols.get(api, "")

    def visibility_seconds(self, queue_arn: str) -> int | None:
        return self.queues.get(queue_arn)

    def timeout_seconds(self, function: str) -> int | None:
        return self.timeouts.get(function)

    def unzipped_bytes(self, function: Any) -> int:
        return self.unzipped

    def reserved_elsewhere(self, function: str) -> int:
        return self.reserved

    def inline_characters(self, role: str, *, without: str) -> int:
        return self.inline


LOGS = {"AccessLogSettings": {"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:a"}, "ApiId": "a"}
SOCKETS, HTTP = {"a": "WEBSOCKET"}, {"a": "HTTP"}
FUNCTION, MAPPING = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"
STAGE, INTEGRATION = "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Integration"
SOURCE = {"EventSourceArn": "q", "FunctionName": "f"}


def variables(size: int) -> dict[str, Any]:
    """Environment variables whose JSON is ``size`` bytes long."""
    return {"Environment": {"Variables": {"A": "ü" * ((size - 8) // 2)}}}


def document(size: int) -> dict[str, Any]:
    return {"PolicyDocument": {"a": "x" * (size - 8)}}


@pytest.mark.parametrize(
    ("kind", "taken", "refused", "account"),
    [
        (FUNCTION, variables(4_096), variables(4_098), Account()),
        (FUNCTION, {"Timeout": "900"}, {"Timeout": "901"}, Account()),
        (FUNCTION, {"MemorySize": 128}, {"MemorySize": 127}, Account()),
        (FUNCTION, {"Layers": ["l"] * 5}, {"Layers": ["l"] * 6}, Account()),
        (FUNCTION, {"FunctionName": "f" * 64}, {"FunctionName": "f" * 65}, Account()),
        (FUNCTION, {"FunctionName": "a-b_c"}, {"FunctionName": "a.b"}, Account()),
        (FUNCTION, {"ReservedConcurrentExecutions": 400}, {"ReservedConcurrentExecutions": 401}, Account(reserved=500)),
        (MAPPING, SOURCE, SOURCE | {"FunctionName": "slow"}, Account(queues={"q": 30}, timeouts={"f": 30, "slow": 31})),
        (STAGE, LOGS | {"ApiId": "b"}, LOGS, Account(protocols=SOCKETS | {"b": "HTTP"})),
        (
            STAGE,
            {"ApiId": "a", "DefaultRouteSettings": {"LoggingLevel": "OFF"}},
            {"ApiId": "a", "RouteSettings": {"$connect": {"LoggingLevel": "INFO"}}},
            Account(protocols=SOCKETS),
        ),
        (
            "AWS::ApiGateway::Stage",
            {"MethodSettings": [{"MetricsEnabled": True}]},
            {"MethodSettings": [{"DataTraceEnabled": True}]},
            Account(),
        ),
        (
            INTEGRATION,
            {"ApiId": "a", "TimeoutInMillis": 30_000},
            {"ApiId": "a", "TimeoutInMillis": 30_001},
            Account(protocols=HTTP),
        ),
        (
            INTEGRATION,
            {"ApiId": "a", "TimeoutInMillis": "50"},
            {"ApiId": "a", "TimeoutInMillis": "49"},
            Account(protocols=SOCKETS),
        ),
        (
            "AWS::ApiGateway::Method",
            {"Integration": {"TimeoutInMillis": 29_000}},
            {"Integration": {"TimeoutInMillis": 29_001}},
            Account(),
        ),
        ("AWS::IAM::ManagedPolicy", document(6_144), document(6_145), Account()),
        (
            "AWS::IAM::Policy",
            document(240) | {"Roles": ["r"]},
            document(241) | {"Roles": ["r"]},
            Account(inline=10_000),
        ),
        (
            "AWS::IAM::Role",
            {"Policies": [document(5_120), document(5_120)]},
            {"Policies": [document(5_120), document(5_121)]},
            Account(),
        ),
        (
            "AWS::IAM::Role",
            {"AssumeRolePolicyDocument": json.dumps({"a": "x" * 2_040}, indent=4)},
            {"AssumeRolePolicyDocument": json.dumps({"a": "x" * 2_041})},
            Account(),
        ),
        ("AWS::SQS::Queue", {"QueueName": "q.fifo"}, {"QueueName": "q.first"}, Account()),
        ("AWS::OpenSearchService::Domain", {"DomainName": "abc"}, {"DomainName": "Abc"}, Account()),
    ],
)  # fmt: skip
def test_the_quota_is_accepted_and_more_is_refused(kind: str, taken: Any, refused: Any, account: Account) -> None:
    assert refusal(kind, taken, account) is None
    assert refusal(kind, refused, account) is not None


def test_packages_beyond_the_unpacked_size_are_refused() -> None:
    assert refusal(FUNCTION, {}, Account(unzipped=262_144_000)) is None
    text = "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes."
    expected = Refused("InvalidParameterValueException", f"{text} The actual size is 262144001 bytes.")
    assert refusal(FUNCTION, {}, Account(unzipped=262_144_001)) == expected


def test_a_stage_with_logs_is_accepted_when_the_account_has_a_role() -> None:
    assert refusal(STAGE, LOGS, Account(role="arn:aws:iam::000000000000:role/logs", protocols=SOCKETS)) is None


def test_unknown_types_and_sources_are_not_refused() -> None:
    assert refusal(MAPPING, SOURCE, Account(timeouts={"f": 900})) is None
    assert refusal("AWS::Other::Thing", {"Name": "x" * 9_999}, Account()) is None
    for kind in NAMES:
        assert refusal(kind, {}, Account()) is None


def test_cloudformation_names_the_service_and_its_status() -> None:
    said = reason("AWS::IAM::Role", Refused("LimitExceeded", "Too much", 409))
    expected = 'Resource handler returned message: "Too much (Service: Iam, Status Code: 409)"'
    assert said == f"{expected} (HandlerErrorCode: ServiceLimitExceeded)"


@pytest.mark.parametrize(
    ("signed_for", "service", "taken"),
    [
        ("eu-west-1", "sqs", True),
        ("us-east-1", "sqs", False),
        ("us-east-1", "iam", True),
        ("eu-west-2", "iam", False),
        ("us-east-1", "s3", True),
        ("", "", True),
    ],
)
def test_credentials_are_refused_outside_their_region(signed_for: str, service: str, taken: bool) -> None:
    found = regions.problem(signed_for, service, "eu-west-1")
    assert found == (None if taken else f"Credential should be scoped to a valid region, not '{signed_for}'. ")


def test_strict_is_yes_or_no() -> None:
    assert not Settings({}).strict
    assert Settings({"EMULATION_STRICT": "yes"}).strict
    with pytest.raises(ValueError, match="EMULATION_STRICT: expected yes or no, got 'maybe'"):
        assert Settings({"EMULATION_STRICT": "maybe"}).strict
