"""Each row of the rights table, for each kind of person in each kind of stage, with IAM enforced.

IAM User Guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities". The roles have the policy
documents of the templates (``tests/infra/test_access.py``), and sessions assume them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from emulation.settings import ACCOUNT, REGION
from infra.access.model import Person, Scope
from infra.access.policies import boundary, deployer_boundary, policy
from infra.access.table import RIGHTS
from tests.contract.emulator_process import EmulatorProcess

REFUSED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
#: Actions that MiniStack allows everybody: it has no X-Ray API, and requires no right to see the account's limits.
NOT_ENFORCED = ("xray:", "lambda:GetAccountSettings")


@dataclass(frozen=True)
class Stage:
    """A stage's resources that actions refer to."""

    scope: Scope
    pool: str
    queue: str
    topic: str

    def parameters(self, action: str) -> dict[str, Any]:
        """Parameters of one call: the operation's required ones, with names of this stage."""
        named = {
            "TableName": f"{self.scope.prefix}-posts", "Bucket": f"{self.scope.prefix}-media-{ACCOUNT}-{REGION}",
            "QueueUrl": self.queue, "TopicArn": self.topic, "StreamName": f"{self.scope.prefix}-realtime",
            "FunctionName": f"{self.scope.prefix}-query", "UserPoolId": self.pool, "GroupName": "developers",
            "Username": "nobody", "SecretId": f"{self.scope.prefix}/web-push", "logGroupName":
            f"/aws/lambda/{self.scope.prefix}-query", "StackName": f"{self.scope.prefix}-data",
            "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/{self.scope.prefix}-boundary",
        }  # fmt: skip
        return {name: value for name, value in (named | self._special(action)).items() if name in INPUTS[_name(action)]}

    def _special(self, action: str) -> dict[str, Any]:
        role = f"{self.scope.prefix}-other"
        key = {"pk": {"S": "a"}, "sk": {"S": "a"}}
        document = json.dumps(TRUST)
        wanted: dict[str, dict[str, Any]] = {
            "dynamodb:GetItem": {"Key": key}, "dynamodb:PutItem": {"Item": key}, "dynamodb:DeleteItem": {"Key": key},
            "dynamodb:UpdateItem": {"Key": key},
            "dynamodb:Query": {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}},
            "dynamodb:UpdateTable": {"DeletionProtectionEnabled": False},
            "s3:GetObject": {"Key": "a"}, "s3:PutObject": {"Key": "a", "Body": b"a"}, "s3:DeleteObject": {"Key": "a"},
            "s3:PutObject@staging": {"Bucket": STAGING, "Key": "a", "Body": b"a"},
            "s3:GetObject@staging": {"Bucket": STAGING, "Key": "a"},
            "s3:GetObject@logs": {"Bucket": f"{self.scope.prefix}-access-logs-{ACCOUNT}-{REGION}", "Key": "a"},
            "s3:PutObject@answers": {
                "Bucket": f"{self.scope.prefix}-athena-results-{ACCOUNT}-{REGION}", "Key": "a", "Body": b"a",
            },
            "athena:StartQueryExecution": {
                "WorkGroup": f"{self.scope.prefix}-access-logs", "QueryString": "SELECT 1",
            },
            "glue:GetTable": {
                "DatabaseName": f"{self.scope.prefix}_access_logs".replace("-", "_"), "Name": "gateway_access_log",
            },
            "sqs:SendMessage": {"MessageBody": "a"}, "sqs:SetQueueAttributes": {"Attributes": {"DelaySeconds": "0"}},
            "sns:Publish": {"Message": "a"}, "kinesis:PutRecord": {"Data": b"a", "PartitionKey": "a"},
            "kinesis:GetShardIterator": {"ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"},
            "ssm:PutParameter": {"Name": f"/{self.scope.prefix}/a", "Value": "a", "Type": "String", "Overwrite": True},
            "logs:GetLogEvents": {"logStreamName": "a"},
            "logs:StartQuery": {"startTime": 0, "endTime": 1, "queryString": "fields @message"},
            "logs:GetQueryResults": {"queryId": "12345678-1234-1234-1234-123456789012"},
            "logs:PutRetentionPolicy": {"retentionInDays": 7},
            "cloudwatch:GetDashboard": {"DashboardName": "a"},
            "cloudwatch:GetMetricData": {"MetricDataQueries": [], "StartTime": 0, "EndTime": 1},
            "cloudwatch:GetMetricStatistics": {
                "Namespace": "a", "MetricName": "a", "StartTime": 0, "EndTime": 60, "Period": 60, "Statistics": ["Sum"],
            },
            "cloudwatch:PutMetricAlarm": {
                "AlarmName": f"{self.scope.prefix}-a", "EvaluationPeriods": 1,
                "ComparisonOperator": "LessThanThreshold",
                "MetricName": "a", "Namespace": "a", "Period": 60, "Statistic": "Sum", "Threshold": 1,
            },
            "xray:BatchGetTraces": {"TraceIds": ["1-00000000-000000000000000000000000"]},
            "xray:GetServiceGraph": {"StartTime": 0, "EndTime": 1},
            "xray:GetTraceSummaries": {"StartTime": 0, "EndTime": 1},
            "cognito-idp:AdminSetUserPassword": {"Password": "Abcdefgh12"},
            "cognito-idp:SetUserPoolMfaConfig": {"MfaConfiguration": "OFF"},
            "cognito-idp:DescribeUserPoolClient": {"ClientId": "a"}, "cognito-idp:ListUserPools": {"MaxResults": 1},
            "wafv2:GetWebACL": {"Name": f"{self.scope.prefix}-edge", "Scope": "CLOUDFRONT", "Id": "a"},
            "wafv2:ListWebACLs": {"Scope": "CLOUDFRONT"},
            "wafv2:UpdateWebACL": {
                "Name": f"{self.scope.prefix}-edge", "Scope": "CLOUDFRONT", "Id": "a", "DefaultAction": {"Allow": {}},
                "LockToken": "a", "VisibilityConfig": {
                    "SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "a"},
            },
            "iam:GetRole": {"RoleName": role}, "iam:ListRolePolicies": {"RoleName": role},
            "iam:GetRolePolicy": {"RoleName": role, "PolicyName": "may"},
            "iam:GetPolicyVersion": {"VersionId": "v1"},
            "iam:CreateRole": {"RoleName": f"{self.scope.prefix}-new", "AssumeRolePolicyDocument": document},
            "iam:CreateRole@bounded": {
                "RoleName": f"{self.scope.prefix}-new", "AssumeRolePolicyDocument": document,
                "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/{self.scope.prefix}-boundary",
            },
            "iam:PutRolePolicy@deployer": {
                "RoleName": f"{self.scope.prefix}-deployer", "PolicyName": "more", "PolicyDocument": document,
            },
            "iam:CreatePolicyVersion": {"PolicyDocument": document},
            "iam:DeleteRolePermissionsBoundary": {"RoleName": role},
            "iam:CreateUser": {"UserName": "new"}, "iam:CreateAccessKey": {"UserName": "new"},
            "sts:AssumeRole": {
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{self.scope.prefix}-deployer", "RoleSessionName": "test"},
            "cloudformation:CreateChangeSet": {"ChangeSetName": "a", "TemplateBody": '{"Resources":{}}'},
            "cloudformation:ValidateTemplate": {"TemplateBody": '{"Resources":{}}'},
            "s3:DeleteBucket": {"Bucket": f"{self.scope.prefix}-media-spare"},
            "dynamodb:DeleteTable": {"TableName": f"{self.scope.prefix}-spare"},
        }  # fmt: skip
        return wanted.get(action, {})


STAGING = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
ACTIONS = sorted(
    {action for right in RIGHTS for action in right.tried if not action.startswith(NOT_ENFORCED)}
)  # fmt: skip


def _name(action: str) -> str:
    return action.partition("@")[0]


def _inputs(action: str) -> set[str]:
    """Parameter names of the operation, from the SDK's service description."""
    service, _, operation = action.partition(":")
    shape = _description(service).operation_model(_operation(operation))
    return set(shape.input_shape.members) if shape.input_shape else set()


@cache
def _description(service: str) -> Any:
    return get_session().get_service_model(service)


def _operation(action: str) -> str:
    """The operation of an action; a few have different names."""
    return {"InvokeFunction": "Invoke", "ListBucket": "ListObjectsV2"}.get(action, action)


INPUTS = {_name(action): _inputs(_name(action)) for action in ACTIONS}


class People:
    """Sessions of one stage's roles."""

    def __init__(self, emulator: EmulatorProcess, prefix: str, *, is_test: bool) -> None:
        self._emulator = emulator
        self.stage = _made(emulator, Scope(prefix, ACCOUNT, REGION, is_test))
        self._sessions: dict[tuple[Person, str], Any] = {}
        documents = {
            "boundary": boundary(self.stage.scope),
            "deployer-boundary": deployer_boundary(self.stage.scope),
        }
        self._bounds = {name: self._policy(f"{prefix}-{name}", one) for name, one in documents.items()}
        self._credentials = {person: self._credentials_of(person) for person in Person}

    def try_it(self, person: Person, action: str) -> str:
        """Call the action; returns ``done``, or the error code."""
        service, _, operation = _name(action).partition(":")
        client = self._client(person, service)
        try:
            getattr(client, xform_name(_operation(operation)))(**self.stage.parameters(action))
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "done"

    def _policy(self, name: str, document: dict[str, Any]) -> str:
        made = self._emulator.client("iam").create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
        return str(made["Policy"]["Arn"])

    def _client(self, person: Person, service: str) -> Any:
        if (person, service) not in self._sessions:
            self._sessions[person, service] = boto3.client(
                service, endpoint_url=self._emulator.url, region_name=REGION, **self._credentials[person],
                config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
            )  # fmt: skip
        return self._sessions[person, service]

    def _credentials_of(self, person: Person) -> dict[str, str]:
        iam, prefix = self._emulator.client("iam"), self.stage.scope.prefix
        name = f"{prefix}-{person.replace(' ', '-')}"
        bound = self._bounds["deployer-boundary" if person is Person.DEPLOYER else "boundary"]
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), PermissionsBoundary=bound)
        if document := policy(person, self.stage.scope):
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(document))
        answer = self._emulator.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="test"
        )["Credentials"]
        return {
            "aws_access_key_id": answer["AccessKeyId"], "aws_secret_access_key": answer["SecretAccessKey"],
            "aws_session_token": answer["SessionToken"],
        }  # fmt: skip


def _made(emulator: EmulatorProcess, scope: Scope) -> Stage:
    """Create the resources that the calls refer to, as the root user."""
    prefix = scope.prefix
    for table in ("posts", "spare"):
        emulator.client("dynamodb").create_table(
            TableName=f"{prefix}-{table}", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )  # fmt: skip
    private = (f"{name}-{ACCOUNT}-{REGION}" for name in ("media", "access-logs", "athena-results"))
    for bucket in (*private, "media-spare"):
        emulator.client("s3").create_bucket(Bucket=f"{prefix}-{bucket}")
    emulator.client("kinesis").create_stream(StreamName=f"{prefix}-realtime", ShardCount=1)
    emulator.client("secretsmanager").create_secret(Name=f"{prefix}/web-push", SecretString="a")
    emulator.client("logs").create_log_group(logGroupName=f"/aws/lambda/{prefix}-query")
    emulator.client("iam").create_role(RoleName=f"{prefix}-other", AssumeRolePolicyDocument=json.dumps(TRUST))
    pool = emulator.client("cognito-idp").create_user_pool(PoolName=prefix)["UserPool"]["Id"]
    queue = emulator.client("sqs").create_queue(QueueName=f"{prefix}-due")["QueueUrl"]
    return Stage(scope, pool, queue, emulator.client("sns").create_topic(Name=f"{prefix}-events")["TopicArn"])


@pytest.fixture(scope="module")
def stages(emulator: EmulatorProcess) -> Iterator[dict[str, People]]:
    emulator.client("s3").create_bucket(Bucket=STAGING)
    yield {
        "test": People(emulator, "asyncsns-dev", is_test=True), "prod": People(emulator, "asyncsns", is_test=False),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["test", "prod"])
@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.sid)
def test_each_action_is_allowed_to_those_whom_the_table_names(stages: dict[str, People], right: Any, kind: str) -> None:
    people, wrong = stages[kind], []
    # Allowed people come last, because their calls delete resources.
    for allowed, person in sorted((right.allows(person, is_test=kind == "test"), person) for person in Person):
        for action in (one for one in right.tried if one in ACTIONS):
            answer = people.try_it(person, action)
            if (answer in REFUSED) is allowed:
                wrong.append(f"{person}, {action}: expected {'allowed' if allowed else 'refused'}, got {answer}")
    assert wrong == []
