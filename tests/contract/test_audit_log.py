"""The emulator lets a role append to the audit log but change nothing, with the deployed policies.

Amazon DynamoDB API Reference: PutItem, UpdateItem, DeleteItem, BatchWriteItem, and IAM's decisions on them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from kit.client import Endpoints
from kit.settings import Settings

TABLE = "asyncsns-audit"


def _client(name: str, **credentials: str) -> Any:
    settings = Settings.load()
    own = credentials or settings.emulation.credentials.for_boto3()
    return boto3.client(name, endpoint_url=settings.url("emulator"), region_name="us-east-1", **own)


@pytest.fixture(params=["moderation", "query", "account-worker"])
def table(request: pytest.FixtureRequest) -> Iterator[Any]:
    """DynamoDB with the rights of a deployed function: a role made for the test has the function's policies."""
    Endpoints.load()
    iam, lambda_ = _client("iam"), _client("lambda")
    deployed = lambda_.get_function_configuration(FunctionName=f"asyncsns-{request.param}")["Role"].rsplit("/", 1)[1]
    name = f"audit-{secrets.token_hex(4)}"
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    names = iam.list_role_policies(RoleName=deployed)["PolicyNames"]
    for policy in names:
        document = iam.get_role_policy(RoleName=deployed, PolicyName=policy)["PolicyDocument"]
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    session = _client("sts").assume_role(RoleArn=role, RoleSessionName="audit")["Credentials"]
    made = _client(
        "dynamodb",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    made.function = request.param
    yield made
    for policy in names:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _is_allowed(call: Callable[..., Any], **request: Any) -> bool:
    try:
        call(**request)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        return False
    return True


def test_a_function_may_append_and_none_may_change_the_audit_log(table: Any) -> None:
    key = {"pk": {"S": f"TEST-{secrets.token_hex(4)}"}, "sk": {"S": "1"}}
    change = {"UpdateExpression": "SET moderatorId = :me", "ExpressionAttributeValues": {":me": {"S": "other"}}}
    batch = {TABLE: [{"DeleteRequest": {"Key": key}}]}
    allowed = {
        "put": _is_allowed(table.put_item, TableName=TABLE, Item=key),
        "update": _is_allowed(table.update_item, TableName=TABLE, Key=key, **change),
        "delete": _is_allowed(table.delete_item, TableName=TABLE, Key=key),
        "batch": _is_allowed(table.batch_write_item, RequestItems=batch),
        "transact": _is_allowed(
            table.transact_write_items, TransactItems=[{"Delete": {"TableName": TABLE, "Key": key}}]
        ),
        "statement": _is_allowed(
            table.execute_statement,
            Statement='DELETE FROM "asyncsns-audit" WHERE pk = ? AND sk = ?',
            Parameters=[key["pk"], key["sk"]],
        ),
        "table": _is_allowed(table.delete_table, TableName=TABLE),
        "read": _is_allowed(table.get_item, TableName=TABLE, Key=key),
    }
    may = {"moderation": {"put"}, "query": {"read"}, "account-worker": set()}[table.function]
    assert {name for name, it in allowed.items() if it} == may
    _client("dynamodb").delete_item(TableName=TABLE, Key=key)
