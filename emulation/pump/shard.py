"""One worker per shard of a mapping: reads in order, hands batches to the function, moves the checkpoint."""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from emulation.aws.client import AwsClient, AwsError
from emulation.pump.checkpoints import HORIZON, CheckpointStore, Progress, is_after
from emulation.pump.delivery import Delivery
from emulation.pump.events import Source, dynamodb_record, kinesis_record
from emulation.pump.semantics import Policy, Record
from emulation.pump.wake import Wake

log = logging.getLogger("emulation.pump")

#: An invocation payload is at most 6 MB; what surrounds the records needs a little of it.
PAYLOAD_BYTES = 6_000_000
#: A page of records may be cut at 1 MB (DynamoDB Streams) or more (Kinesis): from here on there may be a next one.
_PAGE_BYTES = 500_000
#: Errors after which the iterator is derived again from the checkpoint.
_STALE = ("ExpiredIteratorException", "TrimmedDataAccessException", "ValidationException", "StaleInstance")


@dataclass
class ShardStatistics:
    """Counters for the health page."""

    processed: int = 0
    discarded: int = 0
    failures: int = 0
    filtered: int = 0
    #: Of an invocation; it stays.
    last_error: str = ""
    #: Until a read succeeds: after a restart of the emulator it says nothing about the stream.
    read_error: str = ""


@dataclass
class ShardWorker:
    """Reads one shard for one mapping. ``run`` ends when the shard is closed and all of it is done."""

    key: str
    source: Source
    shard_id: str
    mapping: dict[str, Any]
    policy: Policy
    passes: Callable[[dict[str, Any]], bool]
    client: AwsClient
    wake: Wake
    checkpoints: CheckpointStore
    role_arn: str = ""
    statistics: ShardStatistics = field(default_factory=ShardStatistics)
    _progress: Progress = field(default_factory=Progress)
    _created: dict[str, float] = field(default_factory=dict)
    _read_to: str | None = None
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: list[asyncio.Queue[Record]] = field(default_factory=list)

    async def run(self) -> None:
        """Read the shard until cancelled, or until the shard has ended."""
        self._lanes = [asyncio.Queue() for _ in range(max(1, self.policy.parallelization))]
        async with asyncio.TaskGroup() as group:
            lanes = [group.create_task(self._lane(queue)) for queue in self._lanes]
            await self._read()
            while len(self._progress):
                self._room.clear()
                await self._room.wait()
            for lane in lanes:
                lane.cancel()

    # --- reading -------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        iterator: str | None = None
        instance, idle_polls = "", 0
        while True:
            end = self.wake.end(self.source, self.shard_id)
            try:
                if iterator is None:
                    iterator, instance = await self._open()
                page = await self.client.get_records(self.source.service, iterator, self._limit())
                if page.instance != instance:
                    raise AwsError("StaleInstance", "the emulator was restarted", 409)
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                iterator = None if not isinstance(error, AwsError) or error.code in _STALE else iterator
                self.statistics.read_error = str(error)
                await asyncio.sleep(0.2)
                continue
            self.statistics.read_error = ""
            taken = sum(self._take(wire) for wire in page.records)
            idle_polls = 0 if page.records else idle_polls + 1
            if page.following is None:
                return
            iterator = page.following
            await self._room_for_more()
            # A page that could have held more was all there was up to the end that was known before.
            if len(page.records) < self._limit() and taken < _PAGE_BYTES:
                await self.wake.beyond(self.source, self.shard_id, end, idle_polls)

    async def _open(self) -> tuple[str, str]:
        """An iterator behind what was read so far: in this run, by the checkpoint, or where the mapping starts."""
        if self._read_to is None:
            self._read_to = self.checkpoints.get(self.key)
        if self._read_to is None:
            self._read_to = await self._starting_point()
            self.checkpoints.set(self.key, self._read_to, time.time())
        if self._read_to != HORIZON:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._read_to}
            try:
                return await self.client.shard_iterator(self.source.arn, self.shard_id, start)
            except AwsError as error:
                if error.code not in _STALE and error.code != "InvalidArgumentException":
                    raise
                # Trimmed, or rolled back with the emulator: all that is left is read, what is known is skipped.
        return await self._iterator("TRIM_HORIZON")

    async def _iterator(self, kind: str) -> tuple[str, str]:
        return await self.client.shard_iterator(self.source.arn, self.shard_id, {"ShardIteratorType": kind})

    async def _starting_point(self) -> str:
        """StartingPosition as a sequence number, so that a crash before the first batch does not move it."""
        if self.mapping.get("StartingPosition") == "TRIM_HORIZON":
            return HORIZON
        since = float(self.mapping.get("StartingPositionTimestamp") or "inf")
        iterator, _ = await self._iterator("TRIM_HORIZON")
        last = HORIZON
        following: str | None = iterator
        while following:
            page = await self.client.get_records(self.source.service, following, 1000)
            older = [record for record in map(self._record, page.records) if record.created < since]
            if older:
                last = older[-1].sequence
            if len(older) < len(page.records) or not page.records:
                break
            following = page.following
        return last

    def _record(self, wire: dict[str, Any]) -> Record:
        if self.source.service == "dynamodb":
            return dynamodb_record(wire, self.source)
        return kinesis_record(wire, self.source, self.shard_id, self.role_arn)

    def _take(self, wire: dict[str, Any]) -> int:
        """Bytes of the record."""
        record = self._record(wire)
        if self._read_to is not None and not is_after(record.sequence, self._read_to):
            return record.size
        self._read_to = record.sequence
        self._progress.taken(record.sequence)
        if self.passes(record.event):
            self._created[record.sequence] = record.created
            self._lanes[zlib.crc32(record.key.encode()) % len(self._lanes)].put_nowait(record)
        else:
            self.statistics.filtered += 1
            self._finish((record,))
        return record.size

    def _limit(self) -> int:
        return min(1000, max(self.policy.batch_size, 100))

    async def _room_for_more(self) -> None:
        most = 2 * max(self.policy.batch_size, 100) * len(self._lanes)
        while len(self._progress) >= most:
            self._room.clear()
            await self._room.wait()

    # --- handing over --------------------------------------------------------------------------------------------

    async def _lane(self, queue: asyncio.Queue[Record]) -> None:
        delivery = Delivery(
            self.client, self.source, self.shard_id, self.mapping["FunctionArn"], self.policy, self._finish,
            self.statistics,
        )  # fmt: skip
        left: deque[Record] = deque()
        while True:
            await delivery.deliver(await self._batch(queue, left))

    async def _batch(self, queue: asyncio.Queue[Record], left: deque[Record]) -> tuple[Record, ...]:
        """Up to BatchSize records and 6 MB: what is there, waiting for more as long as the window lasts."""
        records = [left.popleft() if left else await queue.get()]
        size = records[0].size
        deadline = time.monotonic() + self.policy.window_seconds
        while len(records) < self.policy.batch_size:
            try:
                wait = deadline - time.monotonic()
                record = (
                    queue.get_nowait() if wait <= 0 or not queue.empty()
                    else await asyncio.wait_for(queue.get(), wait)
                )  # fmt: skip
            except (asyncio.QueueEmpty, TimeoutError):
                break
            if size + record.size > PAYLOAD_BYTES:
                left.append(record)
                break
            size += record.size
            records.append(record)
        return tuple(records)

    def _finish(self, records: tuple[Record, ...]) -> None:
        for record in records:
            self._created.pop(record.sequence, None)
        checkpoint = self._progress.finished(record.sequence for record in records)
        if checkpoint is not None:
            self.checkpoints.set(self.key, checkpoint, time.time())
        self._room.set()

    def describe(self) -> dict[str, Any]:
        """For the health page; lag in milliseconds is the age of the oldest record not finished.

        Where ``hasBegun`` is false and the mapping starts at LATEST, what is written now may not be handed over.
        """
        oldest = min(self._created.values(), default=None)
        return {
            "shardId": self.shard_id,
            "hasBegun": self._read_to is not None,
            "pending": len(self._progress),
            "lagMilliseconds": 0 if oldest is None else max(0, int((time.time() - oldest) * 1000)),
            "processed": self.statistics.processed,
            "filtered": self.statistics.filtered,
            "failedInvocations": self.statistics.failures,
            "discarded": self.statistics.discarded,
            "lastError": self.statistics.read_error or self.statistics.last_error or None,
        }
