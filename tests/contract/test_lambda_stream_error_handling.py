"""The pump against a live emulator, tested against the AWS Lambda Developer Guide:

"Using AWS Lambda with Amazon DynamoDB", "Retain discarded records for a DynamoDB event source in Lambda",
"Configuring partial batch response with DynamoDB and Lambda", "Using Lambda to process records from Amazon Kinesis".
"""

from __future__ import annotations

import base64
import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.emulator_process import EmulatorProcess, wait_until

#: Appends each received batch to a file; fails where an item asks for it.
CONSUMER = """
import json, os, time

def sequence(record):
    return record.get("kinesis", record.get("dynamodb"))

def value(record):
    if "kinesis" in record:
        import base64
        return base64.b64decode(record["kinesis"]["data"]).decode()
    return record["dynamodb"]["Keys"]["pk"]["S"]

def handler(event, context):
    print("batch", len(event["Records"]))
    failed = []
    with open(os.environ["OUT"], "a") as out:
        for record in event["Records"]:
            poison = value(record).startswith("poison")
            if poison and os.environ["MODE"] == "raise":
                raise RuntimeError("poison")
            if poison:
                body = record.get("kinesis") or record["dynamodb"]
                number = body.get("sequenceNumber") or body.get("SequenceNumber")
                return {"batchItemFailures": [{"itemIdentifier": number}]}
            out.write(json.dumps({"at": time.time(), "value": value(record), "record": record}) + "\\n")
            out.flush()
    return {"batchItemFailures": []}
"""


class Consumer:
    """A table or stream, a function that writes received records to a file, and a queue for discarded batches."""

    def __init__(self, emulator: EmulatorProcess, out: Path, mode: str = "raise") -> None:
        self.emulator = emulator
        self.name = f"t{uuid.uuid4().hex[:8]}"
        self.out = out / f"{self.name}.jsonl"
        self.queue = emulator.client("sqs").create_queue(QueueName=self.name)["QueueUrl"]
        self.queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{self.name}"
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = emulator.client("iam").create_role(RoleName=self.name, AssumeRolePolicyDocument=trust)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", CONSUMER)
        emulator.client("lambda").create_function(
            FunctionName=self.name, Runtime="python3.11", Role=role["Role"]["Arn"], Handler="app.handler",
            Code={"ZipFile": buffer.getvalue()}, Timeout=60,
            Environment={"Variables": {"OUT": str(self.out), "MODE": mode}},
        )  # fmt: skip

    def table(self) -> str:
        described = self.emulator.client("dynamodb").create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        return str(described["TableDescription"]["LatestStreamArn"])

    def stream(self, shards: int = 1) -> str:
        kinesis = self.emulator.client("kinesis")
        kinesis.create_stream(StreamName=self.name, ShardCount=shards)
        return str(kinesis.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]["StreamARN"])

    def map(self, source: str, **rules: Any) -> str:
        defaults = {
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": 10,
            "MaximumRetryAttempts": 2,
            "DestinationConfig": {"OnFailure": {"Destination": self.queue_arn}},
        }
        mapping = self.emulator.client("lambda").create_event_source_mapping(
            FunctionName=self.name, EventSourceArn=source, **(defaults | rules)
        )
        return str(mapping["UUID"])

    def put(self, *values: str) -> None:
        for value in values:
            self.emulator.client("dynamodb").put_item(TableName=self.name, Item={"pk": {"S": value}, "at": _now()})

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text().splitlines()] if self.out.exists() else []

    def values(self) -> list[str]:
        return [line["value"] for line in self.lines()]

    def wait_for(self, values: set[str], seconds: float = 60) -> None:
        wait_until(
            lambda: values <= set(self.values()), seconds, f"{values - set(self.values())} consumed",
            lambda: self.emulator.log("pump"),
        )  # fmt: skip

    def notes(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def enough() -> bool:
            answer = self.emulator.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
            found.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
            return len(found) >= count

        wait_until(enough, 60, f"{count} notes at the on-failure destination", lambda: self.emulator.log("pump"))
        return found


def _now() -> dict[str, str]:
    return {"N": str(time.time())}


@pytest.fixture(scope="module")
def pumped(emulator: EmulatorProcess) -> Iterator[EmulatorProcess]:
    emulator.start_pump()
    yield emulator


def test_a_poison_record_is_bisected_recorded_and_does_not_block_the_shard(
    pumped: EmulatorProcess, tmp_path: Path
) -> None:
    consumer = Consumer(pumped, tmp_path)
    source = consumer.table()
    good = {f"good-{number}" for number in range(9)}
    consumer.put(*sorted(good)[:5], "poison", *sorted(good)[5:])
    consumer.map(source, BisectBatchOnFunctionError=True)
    consumer.wait_for(good)
    (note,) = consumer.notes(1)
    assert note["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert note["requestContext"]["functionArn"].endswith(f":function:{consumer.name}")
    assert note["responseContext"]["functionError"] == "Unhandled"
    assert note["DDBStreamBatchInfo"]["batchSize"] == 1
    assert note["DDBStreamBatchInfo"]["streamArn"] == source
    assert _find(pumped, source, note["DDBStreamBatchInfo"])["Keys"]["pk"]["S"] == "poison"


def _find(emulator: EmulatorProcess, source: str, info: dict[str, Any]) -> dict[str, Any]:
    """The record that a failure note refers to, read as the developer guide describes."""
    streams = emulator.client("dynamodbstreams")
    iterator = streams.get_shard_iterator(
        StreamArn=source, ShardId=info["shardId"], ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=info["startSequenceNumber"],
    )["ShardIterator"]  # fmt: skip
    return dict(streams.get_records(ShardIterator=iterator, Limit=1)["Records"][0]["dynamodb"])


def test_partial_batch_responses_retry_from_the_lowest_failure(pumped: EmulatorProcess, tmp_path: Path) -> None:
    consumer = Consumer(pumped, tmp_path, mode="report")
    source = consumer.table()
    consumer.put("a", "b", "poison", "c", "d")
    consumer.map(source, BisectBatchOnFunctionError=True, FunctionResponseTypes=["ReportBatchItemFailures"])
    consumer.wait_for({"a", "b", "c", "d"})
    consumer.notes(1)
    assert consumer.values()[:2] == ["a", "b"]
    assert consumer.values().count("a") == 1, "records before the failure are not handed over again"


def test_without_bisect_the_whole_batch_is_noted_and_the_shard_continues(
    pumped: EmulatorProcess, tmp_path: Path
) -> None:
    consumer = Consumer(pumped, tmp_path)
    source = consumer.table()
    consumer.put("a", "poison", "b")
    consumer.map(source, MaximumRetryAttempts=1)
    (note,) = consumer.notes(1)
    assert note["DDBStreamBatchInfo"]["batchSize"] == 3
    assert note["requestContext"]["approximateInvokeCount"] == 2
    consumer.put("later")
    consumer.wait_for({"later"})


def test_events_have_the_documented_shape(pumped: EmulatorProcess, tmp_path: Path) -> None:
    consumer = Consumer(pumped, tmp_path)
    source = consumer.table()
    consumer.map(source)
    consumer.put("x")
    consumer.put("x")
    consumer.emulator.client("dynamodb").delete_item(TableName=consumer.name, Key={"pk": {"S": "x"}})
    wait_until(lambda: len(consumer.lines()) == 3, 60, "three events")
    events = [line["record"] for line in consumer.lines()]
    assert [event["eventName"] for event in events] == ["INSERT", "MODIFY", "REMOVE"]
    for event in events:
        assert event["eventSource"] == "aws:dynamodb"
        assert event["eventSourceARN"] == source
        assert event["awsRegion"] == "us-east-1"
        assert event["eventVersion"] == "1.1"
        assert event["eventID"]
        change = event["dynamodb"]
        assert change["Keys"] == {"pk": {"S": "x"}}
        assert change["StreamViewType"] == "NEW_AND_OLD_IMAGES"
        assert change["SequenceNumber"].isdigit()
        assert change["ApproximateCreationDateTime"] > 0
    images = [{"NewImage", "OldImage"} & set(event["dynamodb"]) for event in events]
    assert images == [{"NewImage"}, {"NewImage", "OldImage"}, {"OldImage"}]


def test_filtered_records_are_not_handed_over(pumped: EmulatorProcess, tmp_path: Path) -> None:
    consumer = Consumer(pumped, tmp_path)
    pattern = json.dumps({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "keep"}]}}}})
    consumer.map(consumer.table(), FilterCriteria={"Filters": [{"Pattern": pattern}]})
    consumer.put("drop-1", "keep-1", "drop-2", "keep-2")
    consumer.wait_for({"keep-1", "keep-2"})
    assert set(consumer.values()) == {"keep-1", "keep-2"}


def test_kinesis_keeps_the_order_of_a_partition_key(pumped: EmulatorProcess, tmp_path: Path) -> None:
    consumer = Consumer(pumped, tmp_path)
    source = consumer.stream(shards=2)
    consumer.map(source, ParallelizationFactor=3, BatchSize=5)
    kinesis = pumped.client("kinesis")
    for number in range(60):
        key = f"conversation-{number % 6}"
        kinesis.put_record(StreamName=consumer.name, PartitionKey=key, Data=f"{key}:{number:03d}".encode())
    wait_until(lambda: len(set(consumer.values())) == 60, 60, "60 records", lambda: pumped.log("pump"))
    for key in range(6):
        mine = [value for value in consumer.values() if value.startswith(f"conversation-{key}:")]
        assert mine == sorted(mine)
    record = consumer.lines()[0]["record"]
    assert record["eventName"] == "aws:kinesis:record"
    assert record["eventID"] == f"{record['eventID'].split(':')[0]}:{record['kinesis']['sequenceNumber']}"
    assert base64.b64decode(record["kinesis"]["data"]).startswith(b"conversation-")
    assert record["invokeIdentityArn"].endswith(f":role/{consumer.name}")


def test_a_mapping_deployed_disabled_is_not_pumped(pumped: EmulatorProcess, tmp_path: Path) -> None:
    consumer, watch = Consumer(pumped, tmp_path), Consumer(pumped, tmp_path)
    source = consumer.table()
    identifier = consumer.map(source, Enabled=False)
    watch.map(source)
    consumer.put("first")
    watch.wait_for({"first"})
    assert consumer.values() == []
    pumped.client("lambda").update_event_source_mapping(UUID=identifier, Enabled=True)
    consumer.wait_for({"first"})


def test_a_slow_consumer_does_not_delay_others(pumped: EmulatorProcess, tmp_path: Path) -> None:
    slow, quick = Consumer(pumped, tmp_path), Consumer(pumped, tmp_path)
    slow.map(slow.table(), MaximumRetryAttempts=-1)
    quick.map(quick.table())

    def shard() -> dict[str, Any]:
        mappings = [one for one in pumped.pump_health()["mappings"] if one["function"] == slow.name]
        return dict(mappings[0]["shards"][0])

    slow.put("poison")
    wait_until(lambda: shard()["failedInvocations"] >= 1, 60, "the first failure", lambda: pumped.log("pump"))
    quick.put("quick")
    quick.wait_for({"quick"})
    assert shard()["pending"] == 1, "the slow one is still at its first record"
    pumped.client("lambda").delete_event_source_mapping(
        UUID=next(one["mapping"] for one in pumped.pump_health()["mappings"] if one["function"] == slow.name)
    )


def test_nothing_is_lost_when_pump_and_emulator_are_killed(home: Path, tmp_path: Path) -> None:
    emulator = EmulatorProcess(home).start()
    emulator.start_pump()
    try:
        consumer = Consumer(emulator, tmp_path)
        consumer.map(consumer.table(), StartingPosition="LATEST")
        wait_until(lambda: emulator.pump_health()["mappings"], 60, "mapping noticed")
        wait_until(lambda: emulator.pump_health()["mappings"][0]["shards"][0]["hasBegun"], 60, "LATEST is fixed")
        consumer.put(*[f"before-{number}" for number in range(20)])
        wait_until(lambda: emulator.health()["snapshot"]["pending"] == [], 60, "written to disk")
        settled = time.time()
        wait_until(lambda: time.time() > settled + 2, 60, "two seconds after the last write")
        emulator.kill_pump()
        consumer.put(*[f"while-down-{number}" for number in range(20)])
        written = time.time()
        wait_until(lambda: time.time() > written + 2, 60, "two seconds after the last write")
        emulator.kill()
        emulator.start()
        emulator.start_pump()
        consumer.put(*[f"after-{number}" for number in range(20)])
        expected = {f"{phase}-{n}" for phase in ("before", "while-down", "after") for n in range(20)}
        consumer.wait_for(expected, 60)
    finally:
        emulator.stop()


def test_the_pump_follows_an_emulator_that_lost_its_last_records(home: Path, tmp_path: Path) -> None:
    emulator = EmulatorProcess(home).start()
    emulator.start_pump()
    try:
        consumer = Consumer(emulator, tmp_path)
        consumer.map(consumer.table())
        wait_until(lambda: emulator.health()["snapshot"]["pending"] == [], 60, "written to disk")
        for round_number in range(3):
            consumer.put(*[f"{round_number}-lost-{number}" for number in range(10)])
            emulator.kill()
            emulator.start()
            consumer.put(*[f"{round_number}-kept-{number}" for number in range(10)])
            consumer.wait_for({f"{round_number}-kept-{number}" for number in range(10)}, 60)
    finally:
        emulator.stop()
