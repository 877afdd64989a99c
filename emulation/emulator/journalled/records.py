"""Kinesis in the journal: the records of each shard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from emulation.emulator import seams, sequences
from emulation.emulator.journal import Journal


def record(journal: Journal) -> None:
    """From now on every record that a stream takes is in ``journal``.

    What is new in a shard is what lies behind the last record that was noted: numbers only grow.
    """
    kinesis = seams.module("services.kinesis")
    lock, noted = threading.RLock(), _ends(kinesis)

    def note_new() -> None:
        for scope, stream in list(kinesis._streams._data.items()):
            for shard_id, shard in stream["shards"].items():
                place = (*scope, shard_id)
                last, records = noted.get(place, ""), shard["records"]
                start = len(records)
                while start and records[start - 1]["SequenceNumber"] > last:
                    start -= 1
                for one in records[start:]:
                    journal.add(["kinesis", *place, one])
                if start < len(records):
                    noted[place] = records[-1]["SequenceNumber"]

    def noting(put: Callable[..., Any]) -> Callable[..., Any]:
        def put_and_note(*arguments: Any) -> Any:
            with lock:
                answer = put(*arguments)
                note_new()
                return answer

        return put_and_note

    for name in ("_put_record", "_put_records", "put_record_internal"):
        setattr(kinesis, name, noting(getattr(kinesis, name)))


def _ends(kinesis: Any) -> dict[tuple[str, ...], str]:
    return {
        (*scope, shard_id): shard["records"][-1]["SequenceNumber"]
        for scope, stream in kinesis._streams._data.items()
        for shard_id, shard in stream["shards"].items()
        if shard["records"]
    }


class RecordReplay:
    """Appends what the snapshot does not have."""

    KINDS = frozenset({"kinesis"})

    def __init__(self) -> None:
        self._streams = seams.module("services.kinesis")._streams._data

    def again(self, entry: list[Any]) -> None:
        _, account, region, name, shard_id, one = entry
        sequences.RECORDS.seen(one["SequenceNumber"])
        stream = self._streams.get((account, region, name))
        shard = stream["shards"].get(shard_id) if stream else None
        if shard is None:
            return  # deleted later; the snapshot knows
        records = shard["records"]
        if not records or records[-1]["SequenceNumber"] < one["SequenceNumber"]:
            records.append(one)

    def finish(self) -> None:
        for stream in self._streams.values():
            for shard in stream["shards"].values():
                sequences.RECORDS.seen(shard.get("starting_sequence_number") or 0)
                for one in shard["records"][-1:]:
                    sequences.RECORDS.seen(one["SequenceNumber"])
