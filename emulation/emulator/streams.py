"""Keeps records of DynamoDB Streams over a restart, and serves the pump's long poll for new records."""

from __future__ import annotations

import asyncio
import uuid
import zlib
from typing import Any

from emulation.emulator import seams, sequences

#: Name of our own state file beside MiniStack's.
STATE_NAME = "asyncsns_streams"
#: MiniStack gives every DynamoDB stream this one shard.
DYNAMODB_SHARD = "shardId-00000000000000000000-00000000"


def get_state() -> dict[str, Any]:
    """MiniStack does not save the records of a stream: without them an undelivered change would be lost."""
    dynamodb = seams.module("services.dynamodb")
    return {
        "records": dynamodb._stream_records,
        "trimmed": dynamodb._stream_trimmed,
        "closed": dynamodb._closed_streams,
        "sequences": sequences.get_state(),
    }


def restore(state: dict[str, Any] | None) -> None:
    """Put saved records back. Positions count from the trim horizon, so that is restored with them."""
    if not state:
        return
    sequences.restore(state.get("sequences"))
    dynamodb = seams.module("services.dynamodb")
    dynamodb._stream_records._data.update(state["records"]._data)
    dynamodb._stream_trimmed._data.update(state["trimmed"]._data)
    dynamodb._closed_streams._data.update(state["closed"]._data)


def ends() -> dict[str, str]:
    """``service/stream/shard`` -> a value that changes with each record the shard gets."""
    dynamodb, kinesis = seams.module("services.dynamodb"), seams.module("services.kinesis")
    found = {
        f"dynamodb/{table}/{DYNAMODB_SHARD}": f"{trimmed + len(records)}"
        for (account, region, table), records in list(dynamodb._stream_records._data.items())
        for trimmed in [dynamodb._stream_trimmed._data.get((account, region, table), 0)]
    }
    for (_, _, name), stream in list(kinesis._streams._data.items()):
        for shard_id, shard in list(stream["shards"].items()):
            last = shard["records"][-1:]
            found[f"kinesis/{name}/{shard_id}"] = last[0]["SequenceNumber"] if last else ""
    return found


def keep_records_longer(seconds: float) -> None:
    """Keep records of DynamoDB Streams longer than 24 hours by these seconds."""
    seams.module("services.dynamodb")._STREAM_RETENTION_SECONDS = 24 * 3600 + seconds


class RecordSignal:
    """Lets many callers wait until any stream has a new record."""

    def __init__(self) -> None:
        #: Names this run of the emulator: positions and iterators of an earlier one mean nothing now.
        self.instance = uuid.uuid4().hex
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiters: set[asyncio.Future[None]] = set()
        self._scheduled = False
        self._is_over = False

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def heard(self) -> None:
        """Called from any thread, often many times in a row, also for queues."""
        if self._loop is not None and self._waiters and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon_threadsafe(self._release)

    def end(self) -> None:
        """Called from any thread when the emulator stops: answers all waiting callers, and later ones at once."""
        self._is_over = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._scheduled = False
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait_beyond(self, known: str, seconds: float) -> dict[str, Any]:
        """``{"instance","known","ends"}`` as soon as ``known`` is not the present state, after ``seconds``, or when the
        emulator stops."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            # Registered before looking: a record from another thread in between is heard.
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.add(waiter)
            present = ends()
            fingerprint = f"{self.instance}-{zlib.crc32(repr(sorted(present.items())).encode())}"
            remaining = deadline - loop.time()
            if fingerprint != known or remaining <= 0 or self._is_over:
                self._waiters.discard(waiter)
                return {"instance": self.instance, "known": fingerprint, "ends": present}
            await asyncio.wait({waiter}, timeout=remaining)
            self._waiters.discard(waiter)
