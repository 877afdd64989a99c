"""When the clock is set forwards or back, no record is lost to its readers and no invisible message is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.emulator_process import EmulatorProcess, wait_until

HOUR = 3600
#: Python imports this at startup when the folder is on its path: ``time.time`` adds the seconds in a file.
SITE = """
import os, time
real, file = time.time, os.path.join(os.path.dirname(__file__), "seconds")
def shown():
    try:
        with open(file) as stream:
            return real() + float(stream.read() or 0)
    except OSError:
        return real()
time.time = shown
"""


class SetClock(EmulatorProcess):
    """An emulator whose wall clock can be set."""

    def environment(self) -> dict[str, str]:
        found = super().environment()
        return found | {"PYTHONPATH": f"{self.folder}:{found['PYTHONPATH']}"}

    @property
    def folder(self) -> Path:
        return self.home / "clock"

    def set_clock(self, seconds: int) -> None:
        """Set the clock's offset from the true time, atomically."""
        (self.folder / "new").write_text(str(seconds))
        (self.folder / "new").replace(self.folder / "seconds")


@pytest.fixture
def clocked(home: Path) -> Iterator[SetClock]:
    emulator = SetClock(home)
    emulator.folder.mkdir(parents=True)
    (emulator.folder / "sitecustomize.py").write_text(SITE)
    emulator.set_clock(0)
    emulator.start()
    yield emulator
    emulator.stop()


def _sequences(emulator: EmulatorProcess, arn: str) -> list[int]:
    streams = emulator.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records: list[Any] = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return [int(record["dynamodb"]["SequenceNumber"]) for record in records]


def test_sequence_numbers_grow_across_clock_jumps_and_kills(clocked: SetClock) -> None:
    table = clocked.client("dynamodb").create_table(
        TableName="items", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]  # fmt: skip
    kinesis = clocked.client("kinesis")
    kinesis.create_stream(StreamName="records", ShardCount=1)
    given = []
    for number, seconds in enumerate((0, -20, HOUR, -HOUR)):
        clocked.set_clock(seconds)
        clocked.client("dynamodb").put_item(TableName="items", Item={"pk": {"S": str(number)}})
        given.append(int(kinesis.put_record(StreamName="records", Data=b"x", PartitionKey="k")["SequenceNumber"]))
    clocked.kill()
    clocked.start()
    clocked.client("dynamodb").put_item(TableName="items", Item={"pk": {"S": "last"}})
    given.append(int(kinesis.put_record(StreamName="records", Data=b"x", PartitionKey="k")["SequenceNumber"]))
    found = _sequences(clocked, table["LatestStreamArn"])
    assert len(found) == 5
    assert found == sorted(set(found))
    assert given == sorted(set(given))


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_visibility_timeouts_hold_across_clock_jumps(clocked: SetClock, seconds: int) -> None:
    sqs = clocked.client("sqs")
    url = sqs.create_queue(QueueName="queue", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="long")
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.send_message(QueueUrl=url, MessageBody="short")
    assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=8)["Messages"]
    clocked.set_clock(seconds)
    wait_until(lambda: "the clock jumped" in clocked.log(), 60, "the jump is seen", clocked.log)
    seen = wait_until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), 60, "the short one", clocked.log)
    assert [message["Body"] for message in seen] == ["short"]
