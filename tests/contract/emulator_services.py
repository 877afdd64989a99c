"""Emulator clients without client-side validation: calls, and the error code of each."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulation.settings import DEFAULT_CREDENTIALS, REGION

Call = Callable[[Any], Any]
INVALID = "ValidationException"
KEY: dict[str, Any] = {"pk": {"S": "a"}, "sk": {"N": "1"}}


class Services:
    """Clients without validation, and one of each resource: table, bucket, queue, topic, stream, log group."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = f"n{uuid.uuid4().hex[:10]}"
        self.dynamodb, self.s3, self.sqs = self._client("dynamodb"), self._client("s3"), self._client("sqs")
        self.sns, self.kinesis, self.logs = self._client("sns"), self._client("kinesis"), self._client("logs")
        self.events, self.cloudwatch = self._client("events"), self._client("cloudwatch")
        self.ssm, self.secrets, self.lambdas = (self._client(one) for one in ("ssm", "secretsmanager", "lambda"))
        self.dynamodb.create_table(
            TableName=self.name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"},
            ],
        )  # fmt: skip
        self.dynamodb.put_item(TableName=self.name, Item={**KEY, "v": {"N": "1"}, "s": {"S": "x"}})
        self.s3.create_bucket(Bucket=self.name)
        self.s3.put_object(Bucket=self.name, Key="k", Body=b"0123456789")
        self.queue = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.topic = self.sns.create_topic(Name=self.name)["TopicArn"]
        self.kinesis.create_stream(StreamName=self.name, ShardCount=1)
        self.shard = self.kinesis.list_shards(StreamName=self.name)["Shards"][0]["ShardId"]
        self.logs.create_log_group(logGroupName=self.name)
        self.logs.create_log_stream(logGroupName=self.name, logStreamName="s")

    def _client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self._url, region_name=REGION, **DEFAULT_CREDENTIALS.for_boto3(),
            config=Config(
                parameter_validation=False, retries={"max_attempts": 1}, s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
            ),
        )  # fmt: skip

    def update(self, expression: str, **values: Any) -> Any:
        given = {f":{name}": value for name, value in values.items()}
        return self.dynamodb.update_item(
            TableName=self.name, Key=KEY, UpdateExpression=expression, ExpressionAttributeValues=given
        )

    def put(self, condition: str, names: dict[str, str] | None = None, **values: Any) -> Any:
        given: dict[str, Any] = {"ExpressionAttributeValues": {f":{name}": one for name, one in values.items()}}
        more = {**(given if values else {}), **({"ExpressionAttributeNames": names} if names else {})}
        item = {**KEY, "v": {"N": "1"}, "s": {"S": "x"}}
        return self.dynamodb.put_item(TableName=self.name, Item=item, ConditionExpression=condition, **more)

    def query(self, **more: Any) -> Any:
        values = {":p": {"S": "a"}, **more.pop("values", {})}
        return self.dynamodb.query(
            TableName=self.name, KeyConditionExpression="pk = :p", ExpressionAttributeValues=values, **more
        )

    def publish(self, message: str = "x", **more: Any) -> Any:
        return self.sns.publish(TopicArn=self.topic, Message=message, **more)

    def publish_all(self, *entries: dict[str, Any]) -> Any:
        return self.sns.publish_batch(TopicArn=self.topic, PublishBatchRequestEntries=list(entries))

    def log(self, *events: tuple[int, str]) -> Any:
        now = int(time.time() * 1000)
        listed = [{"timestamp": now + at, "message": message} for at, message in events]
        return self.logs.put_log_events(logGroupName=self.name, logStreamName="s", logEvents=listed)


def rows(*rows: tuple[str, Call, str | None]) -> Any:
    return pytest.mark.parametrize(("call", "code"), [pytest.param(call, code, id=name) for name, call, code in rows])


def check(aws: Services, call: Call, code: str | None) -> None:
    if code is None:
        call(aws)
        return
    with pytest.raises(ClientError) as caught:
        call(aws)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
