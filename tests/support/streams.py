"""A stream of one or more shards in memory, with the API calls of the pump, and functions that consume it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulation.aws.client import AwsClient, AwsError, Page
from emulation.aws.outcome import Outcome
from emulation.pump.events import Source
from emulation.pump.wake import Wake

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/posts/stream/2026-01-01T00:00:00.000"
STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/live"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:indexer"
ROLE = "arn:aws:iam::000000000000:role/indexer"
DEAD = "arn:aws:sqs:us-east-1:000000000000:dead"


def wire(number: int, key: str = "k", data: str = "aGk=", created: float | None = None) -> dict[str, Any]:
    """A record in the common form of both services' GetRecords; ``number`` is its sequence number and default time."""
    at = float(number) if created is None else created
    return {
        "eventName": "INSERT", "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": str(number), "Keys": {"pk": {"S": key}}, "ApproximateCreationDateTime": at},
        "SequenceNumber": str(number), "PartitionKey": key, "Data": data, "ApproximateArrivalTimestamp": at,
    }  # fmt: skip


@dataclass
class Shard:
    records: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False
    page_size: int = 1000


class Streams(AwsClient):
    """Iterators are ``<instance>:<shard>:<index>``; one of another instance is expired, as after a restart.

    ``refusals`` are raised once each, by the name of the call. ``calls`` lists GetRecords and GetShardIterator.
    ``function`` decides the outcome of an invocation.
    """

    def __init__(self, **shards: Shard) -> None:
        self.shards = shards
        self.deployed: list[dict[str, Any]] = []
        self.instance = "first"
        self.refusals: list[tuple[str, Exception]] = []
        self.calls: list[tuple[str, Any]] = []
        self.batches: list[list[int]] = []
        self.invoked: list[tuple[str, dict[str, Any]]] = []
        self.function: Callable[[list[int]], Outcome] = lambda numbers: Outcome()
        self.blocked: set[int] = set()
        self.notes: list[str] = []
        self._news = asyncio.Event()

    def put(self, *records: dict[str, Any], shard: str = "shard-0") -> None:
        self.shards[shard].records += records
        self.tell()

    def close(self, shard: str = "shard-0") -> None:
        self.shards[shard].closed = True
        self.tell()

    def let_go(self) -> None:
        """Release the functions that ``blocked`` holds."""
        self.blocked.clear()
        self.tell()

    def tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> None:
        await self._news.wait()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Return once the condition holds; the test's own timeout limits the wait."""
        async with asyncio.timeout(30):
            while not happened():  # noqa: ASYNC110 - what happened is read from many objects
                await asyncio.sleep(0.001)

    def _refuse(self, call: str) -> None:
        for one in self.refusals:
            if one[0] == call:
                self.refusals.remove(one)
                raise one[1]

    async def get_records(self, service: str, iterator: str, limit: int) -> Page:
        self.calls.append(("records", limit))
        self._refuse("get_records")
        assert service in ("dynamodb", "kinesis")
        assert limit <= 1000, "DynamoDB takes no more"
        instance, shard_id, at = iterator.rsplit(":", 2)
        if instance != self.instance and not self.refusals:
            return Page([], iterator, self.instance)
        shard, begin = self.shards[shard_id], int(at)
        page = shard.records[begin : begin + min(limit, shard.page_size)]
        end = begin + len(page)
        over = shard.closed and end == len(shard.records)
        return Page(page, None if over else f"{instance}:{shard_id}:{end}", self.instance)

    async def shard_iterator(self, arn: str, shard_id: str, start: dict[str, Any]) -> tuple[str, str]:
        self.calls.append(("iterator", dict(start)))
        self._refuse("shard_iterator")
        assert arn in (TABLE, STREAM)
        sequences = [record["SequenceNumber"] for record in self.shards[shard_id].records]
        if start["ShardIteratorType"] == "TRIM_HORIZON":
            at = 0
        elif start["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER" and start["SequenceNumber"] in sequences:
            at = sequences.index(start["SequenceNumber"]) + 1
        else:
            raise AwsError("TrimmedDataAccessException", f"no such place: {start}", 400)
        return f"{self.instance}:{shard_id}:{at}", self.instance

    async def shard_ids(self, arn: str) -> list[str]:
        self._refuse("shard_ids")
        assert arn in (TABLE, STREAM)
        return list(self.shards)

    async def mappings(self) -> list[dict[str, Any]]:
        self._refuse("mappings")
        return list(self.deployed)

    async def function_role(self, function_arn: str) -> str:
        assert function_arn == FUNCTION
        return ROLE

    async def invoke(self, function_arn: str, event: dict[str, Any]) -> Outcome:
        numbers = [number_of(record) for record in event["Records"]]
        self.invoked.append((function_arn, event))
        while self.blocked & set(numbers):
            await self.news()
        self.batches.append(numbers)
        return self.function(numbers)

    async def deliver(self, arn: str, message: str) -> None:
        assert arn == DEAD
        self.notes.append(message)

    @property
    def delivered(self) -> list[int]:
        return [number for batch in self.batches for number in batch]


def number_of(event: dict[str, Any]) -> int:
    """The number of a record in the form that the function receives."""
    change = event.get("dynamodb")
    return int(change["SequenceNumber"] if change else event["kinesis"]["sequenceNumber"])


class Ends(Wake):
    """Signals new records of ``Streams`` to the pump; ``waits`` lists the idle poll counts that the pump passed."""

    def __init__(self, streams: Streams) -> None:
        self.streams = streams
        self.supported = True
        self.waits: list[int] = []

    def end(self, source: Source, shard_id: str) -> str:
        assert source.arn in (TABLE, STREAM)
        shard = self.streams.shards[shard_id]
        return f"{self.streams.instance}/{len(shard.records)}/{shard.closed}"

    async def beyond(self, source: Source, shard_id: str, known: str, idle_polls: int) -> None:
        self.waits.append(idle_polls)
        while self.end(source, shard_id) == known:
            await self.streams.news()
