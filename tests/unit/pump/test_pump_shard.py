"""A shard is read in order from its starting position, and each record reaches the function once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from emulation.aws.client import AwsError
from emulation.aws.outcome import Outcome
from emulation.pump.checkpoints import HORIZON, CheckpointStore
from emulation.pump.events import Source
from emulation.pump.filters import compile_criteria
from emulation.pump.semantics import Policy
from emulation.pump.shard import ShardWorker
from tests.support.streams import DEAD, FUNCTION, ROLE, STREAM, TABLE, Ends, Shard, Streams, wire

#: Keys that fall into different lanes of ten.
KEYS = ("k0", "k1", "k3", "k6", "k7")
HERE = "mapping|stream|shard-0"


@pytest.fixture
def checkpoints(tmp_path: Path) -> CheckpointStore:
    return CheckpointStore.open(tmp_path / "checkpoints.json")


class Impatient(Ends):
    """Polls the shard again at once, as with an emulator that does not signal new records."""

    async def beyond(self, source: Source, shard_id: str, known: str, idle_polls: int) -> None:
        self.waits.append(idle_polls)
        await asyncio.sleep(0)


def worker_of(
    streams: Streams, checkpoints: CheckpointStore, arn: str = TABLE, start: str = "TRIM_HORIZON", **mapping: Any
) -> ShardWorker:
    deployed = {"FunctionArn": FUNCTION, "StartingPosition": start, **mapping}
    return ShardWorker(
        HERE, Source(arn), "shard-0", deployed, Policy.of_mapping(deployed), compile_criteria(mapping.get("Filter")),
        streams, Ends(streams), checkpoints, ROLE,
    )  # fmt: skip


async def run(worker: ShardWorker) -> None:
    """Runs the worker to the end of the shard."""
    await asyncio.wait_for(worker.run(), 60)


@contextlib.asynccontextmanager
async def running(worker: ShardWorker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def closed(*numbers: int, page_size: int = 1000) -> Streams:
    return Streams(**{"shard-0": Shard([wire(number) for number in numbers], closed=True, page_size=page_size)})


def iterators(streams: Streams) -> list[Any]:
    return [what for call, what in streams.calls if call == "iterator"]


@pytest.mark.parametrize("arn", [TABLE, STREAM])
async def test_all_of_a_closed_shard_is_delivered_in_order(checkpoints: CheckpointStore, arn: str) -> None:
    streams = closed(*range(100, 350))
    worker = worker_of(streams, checkpoints, arn)
    await run(worker)
    assert streams.delivered == list(range(100, 350))
    first = streams.invoked[0][1]["Records"][0]
    assert arn == TABLE or (first["eventID"], first["invokeIdentityArn"]) == ("shard-0:100", ROLE)
    assert checkpoints.get(HERE) == "349"
    assert worker.describe() == {
        "shardId": "shard-0", "hasBegun": True, "pending": 0, "lagMilliseconds": 0, "processed": 250, "filtered": 0,
        "failedInvocations": 0, "discarded": 0, "lastError": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "since", "delivered"),
    [
        ("TRIM_HORIZON", None, [1, 2, 3, 4, 5]),
        ("LATEST", None, [4, 5]),
        ("AT_TIMESTAMP", 2.0, [2, 3, 4, 5]),
        ("AT_TIMESTAMP", 2.5, [3, 4, 5]),
        ("AT_TIMESTAMP", 0.5, [1, 2, 3, 4, 5]),
        (None, None, [4, 5]),
    ],
)
async def test_a_mapping_starts_at_its_starting_position(
    checkpoints: CheckpointStore, start: str | None, since: float | None, delivered: list[int]
) -> None:
    streams = Streams(**{"shard-0": Shard([wire(one) for one in (1, 2, 3)])})
    worker = worker_of(streams, checkpoints, start=start or "LATEST", StartingPositionTimestamp=since)
    if start is None:
        del worker.mapping["StartingPosition"]
    async with running(worker):
        await streams.until(lambda: checkpoints.get(HERE) is not None)
        streams.put(wire(4), wire(5))
        await streams.until(lambda: 5 in streams.delivered)
    assert streams.delivered == delivered


@pytest.mark.parametrize("there", [1000, 1001, 2500])
async def test_latest_starts_after_all_existing_records(checkpoints: CheckpointStore, there: int) -> None:
    streams = closed(*range(1, there + 1))
    await run(worker_of(streams, checkpoints, start="LATEST"))
    assert (streams.delivered, checkpoints.get(HERE)) == ([], str(there))


async def test_latest_on_an_empty_shard_misses_no_later_record(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard()})
    async with running(worker_of(streams, checkpoints, start="LATEST")):
        await streams.until(lambda: checkpoints.get(HERE) == HORIZON)
    checkpoints.forget_unused([], before=time.time() - 60)
    assert checkpoints.get(HERE) == HORIZON, "it was set a moment ago"
    streams.put(wire(1))
    streams.close()
    await run(worker_of(streams, checkpoints, start="LATEST"))
    assert streams.delivered == [1], "the pump was down when the record arrived"


async def test_a_worker_resumes_after_its_checkpoint(checkpoints: CheckpointStore) -> None:
    checkpoints.set(HERE, "2", 0.0)
    streams = closed(1, 2, 3, 4)
    await run(worker_of(streams, checkpoints))
    assert streams.delivered == [3, 4]
    assert iterators(streams) == [{"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": "2"}]


@pytest.mark.parametrize("code", ["TrimmedDataAccessException", "InvalidArgumentException", "ValidationException"])
async def test_after_a_trimmed_checkpoint_known_records_are_skipped(checkpoints: CheckpointStore, code: str) -> None:
    checkpoints.set(HERE, "12", 0.0)
    streams = closed(11, 12, 13)
    streams.refusals = [("shard_iterator", AwsError(code, "trimmed", 400))]
    await run(worker_of(streams, checkpoints))
    assert streams.delivered == [13]
    assert iterators(streams)[-1] == {"ShardIteratorType": "TRIM_HORIZON"}


@pytest.mark.parametrize(
    "error",
    [
        AwsError("ExpiredIteratorException", "expired", 400), AwsError("StaleInstance", "restarted", 409),
        aiohttp.ClientConnectionError("gone"), TimeoutError("slow"),
    ],
    ids=repr,
)  # fmt: skip
async def test_after_a_read_error_the_worker_resumes_without_a_gap(
    checkpoints: CheckpointStore, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is shown until the next read succeeds."""
    streams, shown = closed(1, 2, 3, 4), list[Any]()
    streams.refusals = [("get_records", error)]
    worker, read = worker_of(streams, checkpoints), streams.get_records

    async def get_records(*given: Any) -> Any:
        shown.append(worker.describe()["lastError"])
        return await read(*given)

    monkeypatch.setattr(streams, "get_records", get_records)
    await run(worker)
    assert (streams.delivered, len(iterators(streams))) == ([1, 2, 3, 4], 2)
    assert (shown[:2], worker.describe()["lastError"]) == ([None, str(error)], None)


async def test_a_valid_iterator_is_reused(checkpoints: CheckpointStore) -> None:
    streams = closed(1, 2)
    streams.refusals = [("get_records", AwsError("ProvisionedThroughputExceededException", "slow down", 400))]
    await run(worker_of(streams, checkpoints))
    assert (streams.delivered, len(iterators(streams))) == ([1, 2], 1)


async def test_a_refused_iterator_is_requested_again(checkpoints: CheckpointStore) -> None:
    checkpoints.set(HERE, "1", 0.0)
    streams = closed(1, 2)
    streams.refusals = [("shard_iterator", AwsError("InternalFailure", "down", 500))]
    await run(worker_of(streams, checkpoints))
    assert (streams.delivered, [one["ShardIteratorType"] for one in iterators(streams)]) == (
        [2], ["AFTER_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"],
    )  # fmt: skip


async def test_after_a_restart_of_the_emulator_nothing_is_lost_or_delivered_twice(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard([wire(1), wire(2)])})
    async with running(worker_of(streams, checkpoints)):
        await streams.until(lambda: streams.delivered == [1, 2])
        streams.instance = "second"
        streams.put(wire(3))
        await streams.until(lambda: streams.delivered == [1, 2, 3])
    assert iterators(streams)[1] == {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": "2"}


async def test_filtered_records_count_as_processed(checkpoints: CheckpointStore) -> None:
    streams = closed()
    streams.put(*(wire(number, key="odd" if number % 2 else "even") for number in range(1, 6)))
    only = {"Filters": [{"Pattern": '{"dynamodb": {"Keys": {"pk": {"S": ["even"]}}}}'}]}
    worker = worker_of(streams, checkpoints, Filter=only)
    await run(worker)
    assert (streams.delivered, worker.statistics.filtered, checkpoints.get(HERE)) == ([2, 4], 3, "5")


async def test_a_blocked_key_delays_no_other_and_is_not_skipped(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard([wire(n, key=KEYS[n % 5]) for n in range(1, 41)])})
    streams.blocked = {1}
    worker = worker_of(streams, checkpoints, ParallelizationFactor=10, BatchSize=1)
    async with running(worker):
        await streams.until(lambda: {2, 3, 4, 5} <= set(streams.delivered) and len(streams.delivered) >= 8)
        assert checkpoints.get(HERE) == HORIZON, "a restart now delivers 1 again"
        assert worker.describe()["pending"] == 40
        assert worker.describe()["lagMilliseconds"] > 1_000_000_000
        streams.let_go()
        await streams.until(lambda: len(streams.delivered) == 40)
    for key in range(5):
        assert [one for one in streams.delivered if one % 5 == key] == [n for n in range(1, 41) if n % 5 == key]


@pytest.mark.parametrize(("size", "lanes", "most"), [(10, 1, 200), (150, 1, 300), (10, 3, 600)])
async def test_reading_pauses_while_the_function_is_behind(
    checkpoints: CheckpointStore, size: int, lanes: int, most: int
) -> None:
    """At two pages for each lane, however few of the lanes are behind."""
    streams = Streams(**{"shard-0": Shard([wire(number) for number in range(1, 1001)])})
    streams.blocked = {1}
    worker = worker_of(streams, checkpoints, BatchSize=size, ParallelizationFactor=lanes)
    async with running(worker):
        await streams.until(lambda: worker.describe()["pending"] == most)
        for _ in range(50):
            await asyncio.sleep(0)
        assert worker.describe()["pending"] == most
        streams.let_go()
        await streams.until(lambda: len(streams.delivered) == 1000)


@pytest.mark.parametrize(("size", "asked"), [(1, 100), (100, 100), (101, 101), (1000, 1000), (10_000, 1000)])
async def test_a_page_requests_one_batch_up_to_the_limit_of_the_service(
    checkpoints: CheckpointStore, size: int, asked: int
) -> None:
    streams = closed(1)
    await run(worker_of(streams, checkpoints, BatchSize=size))
    assert [what for call, what in streams.calls if call == "records"] == [asked]


async def test_a_batch_is_full_or_holds_the_remaining_records(checkpoints: CheckpointStore) -> None:
    streams = closed(*range(1, 8))
    await run(worker_of(streams, checkpoints, BatchSize=3))
    assert streams.batches == [[1, 2, 3], [4, 5, 6], [7]]


async def test_a_batch_is_at_most_six_megabytes(checkpoints: CheckpointStore) -> None:
    half, over = "x" * (3_000_000 - 512), "x" * (3_000_001 - 512)
    streams = closed()
    streams.put(wire(1, data=half), wire(2, data=half), wire(3, data=half), wire(4, data=over), wire(5, data=over))
    await run(worker_of(streams, checkpoints, STREAM))
    assert streams.batches == [[1, 2], [3], [4], [5]]


async def test_a_window_waits_for_a_full_batch(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard([wire(1)])})
    async with running(worker_of(streams, checkpoints, BatchSize=3, MaximumBatchingWindowInSeconds=300)):
        for number in (2, 3):
            await streams.until(lambda: ("records", 100) in streams.calls)
            streams.calls.clear()
            assert streams.batches == []
            streams.put(wire(number))
        await streams.until(lambda: streams.batches == [[1, 2, 3]])


async def test_an_elapsed_window_delivers_the_waiting_records(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard([wire(1), wire(2)])})
    async with running(worker_of(streams, checkpoints, BatchSize=10, MaximumBatchingWindowInSeconds=0.05)):
        await streams.until(lambda: streams.batches == [[1, 2]])


async def test_the_worker_waits_only_after_a_page_that_was_not_full(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard([wire(number) for number in range(1, 251)])})
    worker = worker_of(streams, checkpoints)
    async with running(worker):
        await streams.until(lambda: len(streams.delivered) == 250)
    assert [what for call, what in streams.calls if call == "records"] == [100, 100, 100]
    assert [call for call, _ in streams.calls].count("iterator") == 1, "each page says where the next begins"
    assert isinstance(worker.wake, Ends)
    assert worker.wake.waits == [0]


async def test_a_page_that_was_cut_by_its_bytes_is_followed_by_the_next(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard([wire(n, data="x" * (499_487 + n)) for n in (1, 2)], page_size=1)})
    worker = worker_of(streams, checkpoints, STREAM)
    async with running(worker):
        await streams.until(lambda: len(streams.calls) > 3)
    assert isinstance(worker.wake, Ends)
    assert worker.wake.waits[:1] == [1], "500,000 bytes may be a cut page: read again until an empty page"


async def test_an_idle_shard_is_polled_less_and_less_often(checkpoints: CheckpointStore) -> None:
    streams = Streams(**{"shard-0": Shard([wire(1)])})
    worker = worker_of(streams, checkpoints)
    worker.wake = ends = Impatient(streams)
    async with running(worker):
        await streams.until(lambda: len(ends.waits) >= 4)
        streams.put(wire(2))
        await streams.until(lambda: ends.waits.count(1) >= 2)
    again = ends.waits.index(0, 1)
    assert ends.waits[:again] == list(range(again))
    assert ends.waits[again : again + 2] == [0, 1]


async def test_failed_records_are_sent_to_the_destination(checkpoints: CheckpointStore) -> None:
    streams = closed(1, 2, 3)
    streams.function = lambda numbers: Outcome(error="Unhandled") if 2 in numbers else Outcome()
    worker = worker_of(
        streams, checkpoints, MaximumRetryAttempts=0, BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": DEAD}},
    )  # fmt: skip
    await run(worker)
    assert (worker.statistics.processed, worker.statistics.discarded) == (2, 1)
    assert [json.loads(one)["DDBStreamBatchInfo"]["shardId"] for one in streams.notes] == ["shard-0"]
    assert (worker.describe()["failedInvocations"], checkpoints.get(HERE)) == (3, "3")
    assert {function for function, _ in streams.invoked} == {FUNCTION}
