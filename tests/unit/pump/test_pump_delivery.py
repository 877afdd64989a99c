"""No record is lost, none overtakes another of its key, whatever the consumer does (seeded)."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from emulation.aws.outcome import Outcome
from emulation.pump.checkpoints import Progress
from emulation.pump.delivery import Delivery
from emulation.pump.events import Source
from emulation.pump.semantics import Policy, Record
from emulation.pump.shard import ShardStatistics

TABLE = Source("arn:aws:dynamodb:us-east-1:000000000000:table/posts/stream/2026-01-01T00:00:00.000")
DEAD = "arn:aws:sqs:us-east-1:000000000000:dead"


class RandomConsumer:
    """Fails by error, by partial answer, by throttle or by nonsense; poison records always fail."""

    def __init__(self, seed: int, partial: bool) -> None:
        self.random = random.Random(seed)
        self.partial = partial
        self.seen: list[str] = []
        self.poison: set[str] = set()
        self.notes: list[dict[str, Any]] = []

    async def invoke(self, function_arn: str, event: dict[str, Any]) -> Outcome:
        sequences = [record["sequence"] for record in event["Records"]]
        if self.random.random() < 0.1:
            return Outcome(status=429, started=False)
        bad = next((i for i, one in enumerate(sequences) if one in self.poison), None)
        if bad is None and self.random.random() < 0.2:
            bad = self.random.randrange(len(sequences))
        if bad is None:
            self.seen += sequences
            return Outcome(payload={"batchItemFailures": []})
        if not self.partial or self.random.random() < 0.3:
            return Outcome(error="Unhandled", payload={"errorMessage": "boom"})
        self.seen += sequences[:bad]
        return Outcome(payload={"batchItemFailures": [{"itemIdentifier": sequences[bad]}]})

    async def deliver(self, arn: str, message: str) -> None:
        assert arn == DEAD
        self.notes.append(json.loads(message))


async def _no_sleep(seconds: float) -> None:
    return None


@pytest.mark.parametrize("seed", range(40))
async def test_every_record_is_processed_or_noted(seed: int) -> None:
    chance = random.Random(seed)
    partial, bisect = chance.random() < 0.5, chance.random() < 0.7
    records = tuple(Record(str(n), f"k{n % 7}", 1.0, {"sequence": str(n)}) for n in range(1000, 1000 + 120))
    consumer = RandomConsumer(seed, partial)
    consumer.poison = {record.sequence for record in chance.sample(records, 3)}
    policy = Policy(max_retries=3, bisect=bisect, partial_responses=partial, on_failure_arn=DEAD)
    progress, finished = Progress(), []
    for record in records:
        progress.taken(record.sequence)

    def finish(done: tuple[Record, ...]) -> None:
        finished.extend(record.sequence for record in done)
        progress.finished(record.sequence for record in done)

    statistics = ShardStatistics()
    delivery = Delivery(consumer, TABLE, "shard-0", "fn", policy, finish, statistics, _no_sleep, lambda: 2.0)
    position = 0
    while position < len(records):
        size = chance.randint(1, 25)
        await delivery.deliver(records[position : position + size])
        position += size

    noted = {
        str(sequence)
        for note in consumer.notes
        for sequence in range(
            int(note["DDBStreamBatchInfo"]["startSequenceNumber"]),
            int(note["DDBStreamBatchInfo"]["endSequenceNumber"]) + 1,
        )
    }
    every = [record.sequence for record in records]
    assert finished == every, "each record is finished once and in order"
    assert set(consumer.seen) | noted == set(every), "nothing is lost"
    assert consumer.poison <= noted
    assert len(progress) == 0
    if bisect:
        assert all(note["DDBStreamBatchInfo"]["batchSize"] == 1 for note in consumer.notes), "poison is isolated"
    firsts = list(dict.fromkeys(consumer.seen))
    assert firsts == sorted(firsts), "first deliveries keep the order of the shard"


async def test_the_note_has_the_documented_fields() -> None:
    consumer = RandomConsumer(0, partial=False)
    consumer.poison = {"7"}
    policy = Policy(max_retries=0, on_failure_arn=DEAD)
    delivery = Delivery(
        consumer, TABLE, "shard-0", "arn:fn", policy, lambda done: None, ShardStatistics(), _no_sleep, lambda: 2.0
    )
    await delivery.deliver((Record("7", "k", 1.5, {"sequence": "7"}),))
    (note,) = consumer.notes
    assert note == {
        "requestContext": {
            "requestId": "",
            "functionArn": "arn:fn",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "1970-01-01T00:00:02.000Z",
        "DDBStreamBatchInfo": {
            "shardId": "shard-0",
            "startSequenceNumber": "7",
            "endSequenceNumber": "7",
            "approximateArrivalOfFirstRecord": "1970-01-01T00:00:01.500Z",
            "approximateArrivalOfLastRecord": "1970-01-01T00:00:01.500Z",
            "batchSize": 1,
            "streamArn": TABLE.arn,
        },
    }
