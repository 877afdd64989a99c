"""Dead letters are redriven completely, and show why they were dead-lettered."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from kit.redrive.notes import NotReplayed, Replay
from kit.redrive.queues import DeadLetters, dead_letters, depth, give_back, reasons
from tests.support.aws import Aws

ARN = "arn:aws:sqs:us-east-1:000000000000:"


def queue(fresh: Aws, *, notes: bool = False) -> tuple[str, str]:
    """Create a dead-letter queue and its source queue; returns name and URL of the former."""
    name = f"asyncsns-{uuid.uuid4().hex[:12]}"
    sqs = fresh.client("sqs")
    if not notes:
        sqs.create_queue(QueueName=name)
    dead = f"{name}-failures" if notes else f"{name}-dlq"
    return dead, str(sqs.create_queue(QueueName=dead)["QueueUrl"])


def found(fresh: Aws, name: str) -> DeadLetters:
    return next(one for one in dead_letters(fresh.client("sqs")) if one.name == name)


def send(fresh: Aws, url: str, body: str, **attributes: str) -> None:
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    fresh.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageAttributes=told)


def test_waiting_messages_are_redriven_once_without_the_old_reason(fresh: Aws) -> None:
    name, url = queue(fresh)
    for number in range(23):
        send(fresh, url, f"message {number}", reason="PushFailed: 503", type="post.liked")
    dead = found(fresh, name)
    assert (dead.waiting, dead.short) == (23, name.removeprefix("asyncsns-").removesuffix("-dlq"))
    assert set(reasons(fresh.client("sqs"), dead, 5)) == {"PushFailed: 503"}
    seen: list[tuple[int, int]] = []
    assert give_back(fresh.client("sqs"), dead, lambda moved, total: seen.append((moved, total))) == 23
    assert seen[-1] == (23, 23)
    sqs = fresh.client("sqs")
    assert depth(sqs, url) == 0
    assert depth(sqs, str(dead.source)) == 23
    answer = sqs.receive_message(QueueUrl=dead.source, MessageAttributeNames=["All"])
    assert set(answer["Messages"][0]["MessageAttributes"]) == {"type"}


def test_reading_the_reasons_removes_no_message(fresh: Aws) -> None:
    name, url = queue(fresh)
    send(fresh, url, "x", reason="one")
    for _ in range(2):
        assert reasons(fresh.client("sqs"), found(fresh, name)) == ["one"]
        assert depth(fresh.client("sqs"), url) == 1


def test_on_sqs_the_redrive_is_a_message_move_task() -> None:
    sqs = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    dead = DeadLetters("asyncsns-x-dlq", "https://sqs/1/asyncsns-x-dlq", 7, "https://sqs/1/asyncsns-x")
    with Stubber(sqs) as stub:
        for name in ("asyncsns-x-dlq", "asyncsns-x"):
            stub.add_response("get_queue_attributes", {"Attributes": {"QueueArn": ARN + name}})
        asked = {"SourceArn": ARN + "asyncsns-x-dlq", "DestinationArn": ARN + "asyncsns-x"}
        stub.add_response("start_message_move_task", {"TaskHandle": "t"}, asked)
        stub.add_response("get_queue_attributes", {"Attributes": {"QueueArn": ARN + "asyncsns-x-dlq"}})
        done = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 7, "ApproximateNumberOfMessagesToMove": 7}
        stub.add_response("list_message_move_tasks", {"Results": [done]}, {"SourceArn": ANY, "MaxResults": 1})
        assert give_back(sqs, dead, lambda moved, total: None) == 7
        stub.assert_no_pending_responses()


def test_failure_notes_cannot_be_redriven_to_a_queue(fresh: Aws) -> None:
    name, _ = queue(fresh, notes=True)
    with pytest.raises(ValueError, match="notes"):
        give_back(fresh.client("sqs"), found(fresh, name), lambda moved, total: None)


class Function:
    """A fake of boto3's Lambda client; other clients are the emulator's."""

    def __init__(self, fresh: Aws, answer: Any = None, error: str | None = None) -> None:
        self._fresh, self._answer, self._error = fresh, answer, error
        self.events: list[Any] = []

    def client(self, name: str) -> Any:
        return self if name == "lambda" else self._fresh.client(name)

    def invoke(self, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:
        self.events.append(json.loads(Payload))
        body = json.dumps(self._answer).encode()
        return {"Payload": type("Body", (), {"read": lambda _: body})(), "FunctionError": self._error}


CONTEXT = {"functionArn": "arn:aws:lambda:us-east-1:000000000000:function:asyncsns-post-projector:$LATEST"}


def note_of(fresh: Aws, first: int, last: int) -> tuple[str, list[dict[str, Any]]]:
    """A failure note about the changes ``first`` to ``last`` of three that were just written to a table."""
    dynamodb, streams = fresh.client("dynamodb"), fresh.client("dynamodbstreams")
    mark = uuid.uuid4().hex
    for number in range(3):
        dynamodb.put_item(TableName="posts", Item={"pk": {"S": mark}, "sk": {"S": str(number)}, "b": {"B": b"\x00"}})
    arn = dynamodb.describe_table(TableName="posts")["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    mine = [one for one in fresh.changes("posts") if one["dynamodb"]["Keys"]["pk"]["S"] == mark]
    batch = {
        "shardId": shard, "streamArn": arn, "batchSize": last - first + 1,
        "startSequenceNumber": mine[first]["dynamodb"]["SequenceNumber"],
        "endSequenceNumber": mine[last]["dynamodb"]["SequenceNumber"],
    }  # fmt: skip
    return json.dumps({"requestContext": CONTEXT, "DDBStreamBatchInfo": batch}), mine


def test_noted_records_of_a_table_are_read_again_and_replayed(fresh: Aws) -> None:
    note, records = note_of(fresh, 0, 1)
    function = Function(fresh, {"batchItemFailures": []})
    assert Replay(function).replay(note) == 2
    (event,) = function.events
    assert [one["dynamodb"]["SequenceNumber"] for one in event["Records"]] == [
        one["dynamodb"]["SequenceNumber"] for one in records[:2]
    ]
    assert event["Records"][0]["dynamodb"]["NewImage"]["b"] == {"B": "AA=="}


def test_a_note_stays_when_its_replay_fails(fresh: Aws) -> None:
    note, records = note_of(fresh, 2, 2)
    failed = {"batchItemFailures": [{"itemIdentifier": records[2]["dynamodb"]["SequenceNumber"]}]}
    with pytest.raises(NotReplayed, match="1 of 1"):
        Replay(Function(fresh, failed)).replay(note)
    with pytest.raises(NotReplayed, match="failed again"):
        Replay(Function(fresh, {"errorMessage": "boom"}, "Unhandled")).replay(note)


def test_noted_records_of_kinesis_are_read_again_and_replayed(fresh: Aws) -> None:
    kinesis = fresh.client("kinesis")
    numbers = [
        kinesis.put_record(StreamName="realtime", Data=f"d{one}".encode(), PartitionKey="k")["SequenceNumber"]
        for one in range(2)
    ]
    found = kinesis.describe_stream(StreamName="realtime")["StreamDescription"]
    batch = {"shardId": found["Shards"][0]["ShardId"], "streamArn": found["StreamARN"], "batchSize": 2}
    batch |= {"startSequenceNumber": numbers[0], "endSequenceNumber": numbers[1]}
    function = Function(fresh, {"batchItemFailures": []})
    assert Replay(function).replay(json.dumps({"requestContext": CONTEXT, "KinesisBatchInfo": batch})) == 2
    assert [one["kinesis"]["data"] for one in function.events[0]["Records"]] == ["ZDA=", "ZDE="]


def test_an_asynchronous_event_is_replayed_from_its_note(fresh: Aws) -> None:
    function = Function(fresh)
    assert Replay(function).replay(json.dumps({"requestContext": CONTEXT, "requestPayload": {"a": 1}})) == 1
    assert function.events == [{"a": 1}]
    for bad in ("garbage", "{}"):
        with pytest.raises(NotReplayed):
            Replay(function).replay(bad)
