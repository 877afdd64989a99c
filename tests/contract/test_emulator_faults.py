"""Fault injection in a running emulator host, as SDKs experience it; and log group ARNs in policies.

Amazon DynamoDB Developer Guide, "Error handling with DynamoDB"; Amazon S3 API Reference, "Error responses"; CloudWatch
Logs API Reference, ``LogGroup``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from emulation.guard import HELPER_HEADERS
from emulation.settings import ACCOUNT, REGION
from tests.contract.emulator_process import EmulatorProcess


@pytest.fixture
def table(emulator: EmulatorProcess) -> Iterator[Any]:
    dynamodb = emulator.client("dynamodb")
    dynamodb.create_table(
        TableName="seam", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    yield dynamodb
    dynamodb.delete_table(TableName="seam")


def faults(emulator: EmulatorProcess, method: str, *wanted: dict[str, Any]) -> httpx.Response:
    body = {"faults": list(wanted), "seconds": 30} if method == "PUT" else None
    return httpx.request(method, f"{emulator.url}/_asyncsns/faults", json=body, headers=HELPER_HEADERS, timeout=60)


def code_of(call: Any, **request: Any) -> str:
    try:
        call(**request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_throttle_refuses_only_the_writes_of_its_table(emulator: EmulatorProcess, table: Any) -> None:
    put = {"TableName": "seam", "Item": {"pk": {"S": "a"}}}
    throttle = {"service": "dynamodb", "operations": ["PutItem"], "resource": "seam"}
    code = "ProvisionedThroughputExceededException"
    assert faults(emulator, "PUT", {**throttle, "error": code}).status_code == 200
    assert code_of(table.put_item, **put) == code
    assert table.get_item(TableName="seam", Key={"pk": {"S": "a"}}).get("Item") is None
    assert emulator.health()["faults"] == 1
    found = emulator.client("cloudwatch").list_metrics(Namespace="AWS/DynamoDB", MetricName="WriteThrottleEvents")
    assert found["Metrics"][0]["Dimensions"] == [{"Name": "TableName", "Value": "seam"}]
    assert faults(emulator, "DELETE").json()["faults"] == []
    assert code_of(table.put_item, **put) == ""


def test_s3_returns_the_slow_down_fault(emulator: EmulatorProcess) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="seam-bucket")
    faults(emulator, "PUT", {"service": "s3", "operations": ["PutObject"], "error": "SlowDown"})
    try:
        assert code_of(s3.put_object, Bucket="seam-bucket", Key="a", Body=b"x" * 100_000) == "SlowDown"
    finally:
        faults(emulator, "DELETE")
    s3.put_object(Bucket="seam-bucket", Key="a", Body=b"x" * 100_000)
    assert s3.head_object(Bucket="seam-bucket", Key="a")["ContentLength"] == 100_000


def test_setting_faults_requires_the_helper_header(emulator: EmulatorProcess) -> None:
    answer = httpx.put(f"{emulator.url}/_asyncsns/faults", json={"faults": [], "seconds": 1}, timeout=60)
    assert answer.status_code == 403
    assert faults(emulator, "PUT", {"service": "s3"}).status_code == 400


@pytest.mark.parametrize(("resource", "code"), [("seam-group:*", ""), ("other-*:*", "AccessDeniedException")])
def test_a_log_group_policy_allows_only_the_named_groups(emulator: EmulatorProcess, resource: str, code: str) -> None:
    logs, iam = emulator.client("logs"), emulator.client("iam")
    if not logs.describe_log_groups(logGroupNamePrefix="seam-group")["logGroups"]:
        logs.create_log_group(logGroupName="seam-group")
    name = f"reader-{len(resource)}"
    iam.create_user(UserName=name)
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{resource}"
    statement = {"Effect": "Allow", "Action": "logs:FilterLogEvents", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="reads", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    reader = boto3.client(
        "logs", endpoint_url=emulator.url, region_name=REGION,
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
    )  # fmt: skip
    assert code_of(reader.filter_log_events, logGroupName="seam-group") == code
