"""A real emulator for repository tests: one per session, with the tables, queues and streams of the CDK app.

Use: take ``fresh`` in a test of ``tests/contract``; its ``conftest.py`` has it.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from services.common import aws as services_aws
from services.common import data_calls
from tests.contract.emulator_process import EmulatorProcess, wait_until
from tests.support import lambdas

#: Context → number of global secondary indexes; the same as in the CDK app.
TABLES = {
    "profiles": 2, "posts": 2, "timelines": 0, "media": 1, "chat": 1, "calls": 1, "notifications": 1, "realtime": 1,
    "idempotency": 0, "moderation": 2, "accounts": 0, "audit": 0, "live": 1,
}  # fmt: skip


#: What is new since its last call.
Reader = Callable[[], list[dict[str, Any]]]


@dataclass(frozen=True)
class Aws:
    """The created resources: the environment by which ``services`` find them, and a client per service."""

    process: EmulatorProcess
    environment: dict[str, str]
    _logs: dict[str, _Log] = field(default_factory=dict, repr=False, compare=False)

    def client(self, service: str) -> Any:
        return self.process.client(service)

    def person(self, locale: str = "en") -> str:
        """Create a profile; returns the user id. It has only the attributes that profiles publish to other contexts."""
        user = str(uuid.uuid4())
        self.client("dynamodb").put_item(
            TableName=self.environment["TABLE_PROFILES"],
            Item={
                "pk": {"S": f"USER#{user}"},
                "sk": {"S": "PROFILE"},
                "handle": {"S": f"h{user[:8]}"},
                "displayName": {"S": f"Person {user[:4]}"},
                "locale": {"S": locale},
            },
        )
        return user

    def published(self, where: Callable[[dict[str, Any]], object], count: int) -> list[dict[str, Any]]:
        """Domain events matching ``where``, once ``count`` of them were published to the topic since the last call."""
        url, sqs = self.environment["TEST_QUEUE_EVENTS"], self.client("sqs")
        found: list[dict[str, Any]] = []

        def receive() -> bool:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages") or []
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return sum(1 for event in found if where(event)) >= count

        wait_until(receive, 60, f"{count} events", lambda: str(found))
        return [event for event in found if where(event)]

    def stream_records(self) -> list[dict[str, Any]]:
        """All records of the real-time stream, as a Kinesis event source passes them to a function."""
        return self.new_stream_records()()

    def new_stream_records(self) -> Reader:
        """Returns a reader: each call returns the records since the last, the first call all of them."""
        return self._log(self.environment["STREAM_REALTIME"], lambda name: _frames(self.client("kinesis"), name))

    def changes(self, table: str) -> list[dict[str, Any]]:
        """All records of a table's stream, as a DynamoDB event source passes them to a function."""
        return self.new_changes(table)()

    def new_changes(self, table: str) -> Reader:
        """Returns a reader: each call returns the records since the last, the first call all of them."""
        return self._log(f"changes of {table}", lambda _: _changes(self, table))

    def _log(self, name: str, follow: Callable[[str], Reader]) -> Reader:
        if name not in self._logs:
            self._logs[name] = _Log(follow(name))
        return self._logs[name].reader()


class _Log:
    """A stream as far as it was read. Each record is read once, however many tests read from the beginning."""

    def __init__(self, read_on: Reader) -> None:
        self._read_on, self._records, self._lock = read_on, list[dict[str, Any]](), Lock()

    def reader(self) -> Reader:
        position = 0

        def read() -> list[dict[str, Any]]:
            nonlocal position
            with self._lock:
                self._records += self._read_on()
                found = self._records[position:]
            position += len(found)
            return found

        return read


def _frames(kinesis: Any, name: str) -> Reader:
    shard = kinesis.describe_stream(StreamName=name)["StreamDescription"]["Shards"][0]["ShardId"]
    last = ""

    def read() -> list[dict[str, Any]]:
        nonlocal last
        found: list[dict[str, Any]] = []
        iterator = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, **_after(last, "StartingSequenceNumber"))
        while True:
            answer = kinesis.get_records(ShardIterator=iterator["ShardIterator"])
            if not answer["Records"]:
                return found
            found += [_kinesis_record(record) for record in answer["Records"]]
            last, iterator = answer["Records"][-1]["SequenceNumber"], {"ShardIterator": answer["NextShardIterator"]}

    return read


def _changes(aws: Aws, table: str) -> Reader:
    arn = aws.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    streams, last = aws.client("dynamodbstreams"), dict[str, str]()

    def read() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            name = shard["ShardId"]
            start = _after(last.get(name, ""), "SequenceNumber")
            iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=name, **start).get("ShardIterator")
            while iterator:
                answer = streams.get_records(ShardIterator=iterator)
                if not answer["Records"]:
                    break
                found += answer["Records"]
                last[name] = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
                iterator = answer.get("NextShardIterator")
        return found

    return read


def _after(number: str, name: str) -> dict[str, str]:
    """Where a shard is read on: an iterator of minutes ago has expired."""
    return (
        {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", name: number}
        if number
        else {"ShardIteratorType": "TRIM_HORIZON"}
    )


def _kinesis_record(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "kinesis": {
            "sequenceNumber": record["SequenceNumber"],
            "partitionKey": record["PartitionKey"],
            "data": base64.b64encode(record["Data"]).decode(),
        }
    }


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """The emulator with all resources; tests use ``fresh``."""
    process = EmulatorProcess(tmp_path_factory.mktemp("aws")).start()
    try:
        yield Aws(process, _make(process))
    finally:
        process.stop()


@pytest.fixture
def fresh(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """``services`` configured for the emulator. Data stay between tests, so ids must be unique."""
    with configured(aws, monkeypatch):
        yield aws


@contextmanager
def configured(aws: Aws, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the environment by which ``services`` find the emulator; their clients stay for its next test."""
    for name, value in aws.environment.items():
        patch.setenv(name, value)
    if aws not in _asked:
        forget_clients()
        _asked.append(aws)
    yield


#: The emulator that the clients of ``services`` are for; none when they are forgotten.
_asked: list[Aws] = []


def forget_clients() -> None:
    """``services`` make their clients again. Making them for each test takes longer than most tests."""
    _asked.clear()
    for kept in (services_aws.client, services_aws.table, services_aws.impatient_table, services_aws.resource):
        kept.cache_clear()
    data_calls.credentials_source.cache_clear()


def _make(process: EmulatorProcess) -> dict[str, str]:
    environment = {
        "AWS_ENDPOINT_URL": process.url,
        "AWS_ACCESS_KEY_ID": DEFAULT_CREDENTIALS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": DEFAULT_CREDENTIALS.secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "STREAM_REALTIME": "realtime",
        "MEDIA_ACCESS_PARAMETER": "media-access",
        "MEDIA_SIGNING_SECRET": "media-signing",
        "ORIGIN_SECRET": "origin",
        "OPENSEARCH_ENDPOINT": "http://127.0.0.1:9",
        "VAPID_SECRET": "web-push",
        "WEBSOCKET_CALLBACK_URL": "http://127.0.0.1:9",
    }
    for context, indexes in TABLES.items():
        _make_table(process.client("dynamodb"), context, indexes)
        environment[f"TABLE_{context.upper()}"] = context
    environment["USER_POOL_ID"] = process.client("cognito-idp").create_user_pool(PoolName="people")["UserPool"]["Id"]
    process.client("kinesis").create_stream(StreamName="realtime", ShardCount=1)
    process.client("secretsmanager").create_secret(Name="origin", SecretString=lambdas.OF_CLOUDFRONT)
    sns, sqs = process.client("sns"), process.client("sqs")
    environment["TOPIC_EVENTS"] = sns.create_topic(Name="events")["TopicArn"]
    environment["QUEUE_CALL_TIMEOUTS"] = sqs.create_queue(QueueName="call-timeouts")["QueueUrl"]
    environment["QUEUE_CHAT_ARRIVALS"] = sqs.create_queue(QueueName="chat-arrivals")["QueueUrl"]
    environment["QUEUE_LIVE_LOOKS"] = sqs.create_queue(QueueName="live-looks")["QueueUrl"]
    environment["QUEUE_DUE"] = sqs.create_queue(QueueName="due")["QueueUrl"]
    for context in ("media", "accounts", "moderation"):
        environment[f"QUEUE_{context.upper()}"] = sqs.create_queue(QueueName=context)["QueueUrl"]
    environment["SOURCE_QUEUE"] = sqs.create_queue(QueueName="source")["QueueUrl"]
    environment["DEAD_LETTER_QUEUE"] = sqs.create_queue(QueueName="dead")["QueueUrl"]
    environment["QUEUE_TIMELINES"] = sqs.create_queue(QueueName="timelines")["QueueUrl"]
    seen = sqs.create_queue(QueueName="events-seen")["QueueUrl"]
    environment["TEST_QUEUE_EVENTS"] = seen
    arn = sqs.get_queue_attributes(QueueUrl=seen, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}],
        "Version": "2012-10-17",
    }
    sqs.set_queue_attributes(QueueUrl=seen, Attributes={"Policy": json.dumps(allowed)})
    for bucket in ("media", "exports"):
        process.client("s3").create_bucket(Bucket=bucket)
        environment[f"BUCKET_{bucket.upper()}"] = bucket
    sns.subscribe(
        TopicArn=environment["TOPIC_EVENTS"], Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    return environment


def _make_table(dynamodb: Any, name: str, indexes: int) -> None:
    keys = ["pk", "sk"] + [f"gsi{number}{part}" for number in range(1, indexes + 1) for part in ("pk", "sk")]
    options: dict[str, Any] = {}
    if indexes:
        options["GlobalSecondaryIndexes"] = [
            {
                "IndexName": f"gsi{number}",
                "KeySchema": _schema(f"gsi{number}pk", f"gsi{number}sk"),
                "Projection": {"ProjectionType": "ALL"},
            }
            for number in range(1, indexes + 1)
        ]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=_schema("pk", "sk"),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        **options,
    )


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
