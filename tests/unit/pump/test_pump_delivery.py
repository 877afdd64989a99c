"""No record is lost and records of a key stay in order, whatever the consumer does (seeded)."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from emulation.aws.client import AwsError
from emulation.aws.outcome import Outcome
from emulation.pump.checkpoints import Progress
from emulation.pump.delivery import Delivery
from emulation.pump.events import Source
from emulation.pump.semantics import Policy, Record, backoff_seconds
from emulation.pump.shard import ShardStatistics

TABLE = Source("arn:aws:dynamodb:us-east-1:000000000000:table/posts/stream/2026-01-01T00:00:00.000")
DEAD = "arn:aws:sqs:us-east-1:000000000000:dead"


class RandomConsumer:
    """Fails with errors, partial batch failures, throttles or invalid answers; poison records always fail."""

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
    assert statistics.discarded == sum(note["DDBStreamBatchInfo"]["batchSize"] for note in consumer.notes)
    assert statistics.processed + statistics.discarded == len(records)
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


class Consumer(RandomConsumer):
    """Answers with ``outcomes`` in turn, then succeeds; its destination first fails with ``refusals``."""

    def __init__(self, *outcomes: Outcome, refusals: Sequence[Exception] = ()) -> None:
        super().__init__(0, partial=False)
        self.outcomes = list(outcomes)
        self.refusals = list(refusals)
        self.invoked: list[tuple[str, list[str]]] = []

    async def invoke(self, function_arn: str, event: dict[str, Any]) -> Outcome:
        self.invoked.append((function_arn, [record["sequence"] for record in event["Records"]]))
        return self.outcomes.pop(0) if self.outcomes else Outcome()

    async def deliver(self, arn: str, message: str) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        await super().deliver(arn, message)


class Lane:
    """A delivery at time 1100 that records its reports, with a clock that does not really sleep."""

    def __init__(self, consumer: Consumer, **policy: Any) -> None:
        self.finished: list[str] = []
        self.waits: list[float] = []
        self.statistics = ShardStatistics()
        self.delivery = Delivery(
            consumer, TABLE, "shard-0", "arn:aws:lambda:us-east-1:0:function:fn", Policy(**policy), self._finish,
            self.statistics, self._sleep, lambda: 1100.0,
        )  # fmt: skip

    def _finish(self, done: tuple[Record, ...]) -> None:
        self.finished += [record.sequence for record in done]

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def at(*seconds: float) -> tuple[Record, ...]:
    return tuple(Record(str(number), "k", one, {"sequence": str(number)}) for number, one in enumerate(seconds))


async def test_records_past_the_maximum_age_are_discarded_without_an_invocation() -> None:
    consumer = Consumer()
    lane = Lane(consumer, max_age_seconds=60, on_failure_arn=DEAD)
    await lane.delivery.deliver(at(1000.0, 1039.9, 1040.0, 1099.0))
    assert consumer.invoked == [("arn:aws:lambda:us-east-1:0:function:fn", ["2", "3"])]
    assert lane.finished == ["0", "1", "2", "3"]
    (note,) = consumer.notes
    assert note["requestContext"] == {
        "requestId": "", "functionArn": "arn:aws:lambda:us-east-1:0:function:fn",
        "condition": "MaximumRecordAgeExceeded", "approximateInvokeCount": 0,
    }  # fmt: skip
    assert "responseContext" not in note
    assert (note["DDBStreamBatchInfo"]["startSequenceNumber"], note["DDBStreamBatchInfo"]["endSequenceNumber"]) == (
        "0",
        "1",
    )
    assert (lane.statistics.processed, lane.statistics.discarded, lane.statistics.failures) == (2, 2, 0)


async def test_records_that_expire_during_retries_are_noted_without_an_answer() -> None:
    consumer = Consumer(Outcome(error="Unhandled"))
    lane = Lane(consumer, max_age_seconds=60, on_failure_arn=DEAD, bisect=True)
    times = iter([1050.0] * 1 + [1100.0] * 9)
    lane.delivery._now = lambda: next(times)
    await lane.delivery.deliver(at(1000.0, 1090.0))
    assert [sequences for _, sequences in consumer.invoked] == [["0", "1"], ["1"]]
    (note,) = consumer.notes
    assert note["requestContext"]["condition"] == "MaximumRecordAgeExceeded"
    assert "responseContext" not in note


async def test_without_a_destination_discarded_records_are_finished_too() -> None:
    consumer = Consumer(*[Outcome(error="Unhandled")] * 3)
    lane = Lane(consumer, max_retries=2)
    await lane.delivery.deliver(at(1.0, 2.0))
    assert (lane.finished, consumer.notes, lane.statistics.discarded) == (["0", "1"], [], 2)
    assert lane.waits == [0.1, 0.2]


async def test_retries_wait_longer_each_time_and_a_split_does_not_wait() -> None:
    lane = Lane(Consumer(Outcome(error="a"), Outcome(error="b"), Outcome(status=429, started=False)), bisect=True)
    await lane.delivery.deliver(at(1.0, 2.0))
    assert lane.waits == [0.1, 0.2]
    assert lane.finished == ["0", "1"]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(error="Unhandled", payload={"errorMessage": "boom"}), 'Unhandled: {"errorMessage": "boom"}'),
        (Outcome(status=429, started=False), "not started"),
        (Outcome(payload={"batchItemFailures": [{"itemIdentifier": "0"}]}),
         'batchItemFailures: {"batchItemFailures": [{"itemIdentifier": "0"}]}'),
        (Outcome(error="Unhandled", payload="x" * 400), "Unhandled: " + '"' + "x" * 299),
    ],
)  # fmt: skip
async def test_the_health_page_shows_the_last_failure_and_the_number_of_failures(outcome: Outcome, said: str) -> None:
    lane = Lane(Consumer(outcome, outcome), partial_responses=True)
    await lane.delivery.deliver(at(1.0))
    assert (lane.statistics.failures, lane.statistics.last_error, lane.statistics.processed) == (2, said, 1)


@pytest.mark.parametrize("error", [AwsError("Throttled", "later", 400), aiohttp.ClientError("gone"), TimeoutError()])
@pytest.mark.parametrize(("times", "noted"), [(1, 1), (7, 1), (8, 0)])
async def test_a_destination_that_refuses_is_tried_eight_times(error: Exception, times: int, noted: int) -> None:
    consumer = Consumer(Outcome(error="Unhandled"), refusals=[error] * times)
    lane = Lane(consumer, max_retries=0, on_failure_arn=DEAD)
    await lane.delivery.deliver(at(1.0))
    assert (len(consumer.notes), lane.finished, lane.statistics.discarded) == (noted, ["0"], 1)
    assert lane.waits == [backoff_seconds(attempt) for attempt in range(1, times + 1)]


async def test_the_note_of_a_kinesis_stream_has_its_batch_info_and_the_answer() -> None:
    consumer = Consumer(Outcome(error="Unhandled", status=200, request_id="r-1"))
    lane = Lane(consumer, max_retries=0, on_failure_arn=DEAD)
    lane.delivery._source = Source("arn:aws:kinesis:us-east-1:000000000000:stream/live")
    await lane.delivery.deliver(at(1.0, 2.5))
    (note,) = consumer.notes
    assert "DDBStreamBatchInfo" not in note
    assert note["KinesisBatchInfo"] == {
        "shardId": "shard-0", "startSequenceNumber": "0", "endSequenceNumber": "1",
        "approximateArrivalOfFirstRecord": "1970-01-01T00:00:01.000Z",
        "approximateArrivalOfLastRecord": "1970-01-01T00:00:02.500Z", "batchSize": 2,
        "streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/live",
    }  # fmt: skip
    assert note["requestContext"]["requestId"] == "r-1"
    assert note["responseContext"]["functionError"] == "Unhandled"
