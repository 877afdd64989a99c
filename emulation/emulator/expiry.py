"""Kinesis checks for expired records and iterators only when some can have expired, not at each request.

MiniStack walks all iterators and all records of a stream at each request. A poller leaves an iterator per poll, valid
for five minutes: after a few thousand chat messages a request took 10 ms. Iterators count from the first stored record,
so they must be adjusted when records expire. MiniStack does not do that, so a reader would skip as many new ones.
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
"""

from __future__ import annotations

import time
from typing import Any

from emulation.emulator import seams
from emulation.emulator.clock import CLOCK


def look_when_due() -> None:
    """``GetRecords`` refuses an iterator that is too old by itself; housekeeping forgets those (``seams``)."""
    kinesis = seams.module("services.kinesis")

    def expire_records(stream: dict[str, Any]) -> None:
        oldest = time.time() - stream["RetentionPeriodHours"] * 3600 - CLOCK.missed()
        shards = stream["shards"].items()
        before = {shard_id: len(shard["records"]) for shard_id, shard in shards if _has_older(shard, oldest)}
        if not before:
            return
        for shard in stream["shards"].values():
            shard["records"] = [one for one in shard["records"] if one["ApproximateArrivalTimestamp"] >= oldest]
        gone = {shard_id: count - len(stream["shards"][shard_id]["records"]) for shard_id, count in before.items()}
        for state in list(kinesis._shard_iterators._data.values()):
            if state["stream"] == stream["StreamName"] and state["shard_id"] in gone:
                state["position"] = max(0, state["position"] - gone[state["shard_id"]])

    kinesis._expire_records = expire_records
    kinesis._expire_iterators = lambda: None


def _has_older(shard: dict[str, Any], moment: float) -> bool:
    """Records are in order of arrival."""
    return bool(shard["records"]) and shard["records"][0]["ApproximateArrivalTimestamp"] < moment
