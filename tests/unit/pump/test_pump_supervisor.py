"""The pump follows the deployed event source mappings: they are added, changed, broken and removed while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from emulation.aws.client import AwsError
from emulation.aws.outcome import Outcome
from emulation.pump import supervisor as module
from emulation.pump.checkpoints import CheckpointStore
from emulation.pump.supervisor import KEEP_CHECKPOINTS_SECONDS, Supervisor
from emulation.pump.takeover import Takeover
from tests.support.streams import FUNCTION, ROLE, STREAM, TABLE, Ends, Shard, Streams, wire


def mapping(identifier: str = "m1", arn: str = TABLE, **rules: Any) -> dict[str, Any]:
    return {
        "UUID": identifier, "EventSourceArn": arn, "FunctionArn": FUNCTION, "State": "Enabled",
        "StartingPosition": "TRIM_HORIZON", **rules,
    }  # fmt: skip


@pytest.fixture
async def streams() -> Streams:
    return Streams(**{"shard-0": Shard([wire(1), wire(2)])})


@pytest.fixture
async def supervisor(streams: Streams, tmp_path: Path) -> AsyncIterator[Supervisor]:
    store = CheckpointStore.open(tmp_path / "checkpoints.json")
    takeover = Takeover(streams, tmp_path / "taken.json", hands_off=True)
    made = Supervisor(streams, Ends(streams), store, takeover)
    yield made
    for identifier in list(made.mappings):
        await made._stop(identifier)


async def looked_again(supervisor: Supervisor) -> None:
    """Runs the supervisor's check at a time when shards are due for discovery."""
    for pumped in supervisor.mappings.values():
        pumped.shards_due = 0.0
    await supervisor.look()


def shown(supervisor: Supervisor) -> dict[str, Any]:
    (one,) = supervisor.describe()
    return one


async def test_a_deployed_mapping_is_pumped_and_described(supervisor: Supervisor, streams: Streams) -> None:
    streams.deployed = [mapping(), mapping("queue", "arn:aws:sqs:us-east-1:000000000000:jobs")]
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [1, 2])
    described = shown(supervisor)
    (shard,) = described.pop("shards")
    assert described == {"mapping": "m1", "function": "indexer", "source": TABLE, "problem": None}
    assert (shard["shardId"], shard["processed"]) == ("shard-0", 2)
    assert supervisor.checkpoints.get(f"m1|{TABLE}|shard-0") == "2"


async def test_records_of_kinesis_name_the_functions_role(supervisor: Supervisor, streams: Streams) -> None:
    streams.deployed = [mapping(arn=STREAM)]
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [1, 2])
    assert {record["invokeIdentityArn"] for _, event in streams.invoked for record in event["Records"]} == {ROLE}


async def test_a_removed_mapping_stops_and_keeps_its_checkpoint(supervisor: Supervisor, streams: Streams) -> None:
    streams.deployed = [mapping()]
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [1, 2])
    streams.deployed = []
    await supervisor.look()
    assert supervisor.describe() == []
    assert json.loads(supervisor.checkpoints.file.read_text())["entries"][f"m1|{TABLE}|shard-0"]["sequence"] == "2"
    streams.put(wire(3))
    streams.deployed = [mapping()]
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [1, 2, 3])


CHANGES: list[tuple[str, Any]] = [
    ("BatchSize", 1), ("MaximumBatchingWindowInSeconds", 1), ("MaximumRetryAttempts", 1),
    ("MaximumRecordAgeInSeconds", 60), ("BisectBatchOnFunctionError", True),
    ("FunctionResponseTypes", ["ReportBatchItemFailures"]), ("ParallelizationFactor", 2),
    ("DestinationConfig", {"OnFailure": {"Destination": "x"}}), ("FilterCriteria", {"Filters": []}),
    ("StartingPosition", "LATEST"), ("EventSourceArn", STREAM),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "value"), CHANGES, ids=[rule for rule, _ in CHANGES])
async def test_a_changed_rule_counts_from_the_next_look(
    supervisor: Supervisor, streams: Streams, rule: str, value: Any
) -> None:
    streams.deployed = [mapping()]
    await supervisor.look()
    before = supervisor.mappings["m1"].workers["shard-0"]
    streams.deployed = [mapping(**{rule: value})]
    await supervisor.look()
    after = supervisor.mappings["m1"].workers["shard-0"]
    assert before is not after
    assert after.mapping[rule] == value


async def test_an_unchanged_mapping_is_not_restarted(supervisor: Supervisor, streams: Streams) -> None:
    streams.deployed = [mapping(LastModified=1, BatchSize=5)]
    await supervisor.look()
    before = supervisor.mappings["m1"].workers["shard-0"]
    streams.deployed = [dict(reversed(mapping(LastModified=2, BatchSize=5).items()))]
    await looked_again(supervisor)
    assert supervisor.mappings["m1"].workers["shard-0"] is before


async def test_filter_and_batch_size_of_the_mapping_are_kept(supervisor: Supervisor, streams: Streams) -> None:
    only = {"Filters": [{"Pattern": '{"dynamodb": {"SequenceNumber": ["2", "3", "4"]}}'}]}
    streams.deployed = [mapping(FilterCriteria=only, BatchSize=2)]
    streams.put(wire(3), wire(4))
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [2, 3, 4])
    assert max(len(batch) for batch in streams.batches) == 2


async def test_new_shards_are_found_when_they_are_due(supervisor: Supervisor, streams: Streams) -> None:
    streams.deployed = [mapping()]
    await supervisor.look()
    streams.shards["shard-1"] = Shard([wire(11)])
    await supervisor.look()
    assert list(supervisor.mappings["m1"].workers) == ["shard-0"], "not at every check"
    await looked_again(supervisor)
    await streams.until(lambda: 11 in streams.delivered)
    assert [shard["shardId"] for shard in shown(supervisor)["shards"]] == ["shard-0", "shard-1"]
    assert sorted(streams.delivered) == [1, 2, 11], "running workers continue"


@pytest.mark.parametrize(
    "broken", [{"FilterCriteria": {"Filters": [{"Pattern": '{"a": [{"like": "x"}]}'}]}}, {"EventSourceArn": STREAM}]
)
async def test_an_invalid_mapping_shows_its_problem_and_delays_no_other(
    supervisor: Supervisor, streams: Streams, broken: dict[str, Any]
) -> None:
    streams.deployed = [mapping("bad", **broken), mapping("good")]
    if "EventSourceArn" in broken:
        streams.refusals = [("shard_ids", AwsError("ResourceNotFoundException", "no stream", 400))]
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [1, 2])
    problems = {one["mapping"]: one["problem"] for one in supervisor.describe()}
    assert problems["good"] is None
    assert ("no stream" in problems["bad"]) or ("operator 'like'" in problems["bad"])
    streams.deployed = [mapping("bad"), mapping("good")]
    await supervisor.look()
    assert {one["problem"] for one in supervisor.describe()} == {None}


async def test_a_failed_worker_restarts_after_its_checkpoint(supervisor: Supervisor, streams: Streams) -> None:
    broken = True

    def function(numbers: list[int]) -> Outcome:
        if broken and 3 in numbers:
            raise RuntimeError("an error of ours")
        return Outcome()

    streams.function = function
    streams.deployed = [mapping()]
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [1, 2])
    streams.put(wire(3))
    task = supervisor.mappings["m1"].tasks["shard-0"]
    await streams.until(task.done)
    broken = False
    await supervisor.look()
    await streams.until(lambda: streams.delivered == [1, 2, 3, 3])


async def test_a_shard_read_to_its_end_is_not_restarted(supervisor: Supervisor, streams: Streams) -> None:
    streams.deployed = [mapping()]
    await supervisor.look()
    task = supervisor.mappings["m1"].tasks["shard-0"]
    streams.close()
    await streams.until(task.done)
    await looked_again(supervisor)
    assert supervisor.mappings["m1"].tasks["shard-0"] is task
    assert streams.delivered == [1, 2]


async def test_checkpoints_of_unread_shards_are_dropped_after_a_day(
    supervisor: Supervisor, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(module.time, "time", lambda: now)
    streams.deployed = [mapping()]
    supervisor.checkpoints.set("fresh", "1", now - KEEP_CHECKPOINTS_SECONDS)
    supervisor.checkpoints.set("old", "1", now - KEEP_CHECKPOINTS_SECONDS - 1)
    supervisor.checkpoints.set(f"m1|{TABLE}|shard-0", "1", 0.0)
    await supervisor.look()
    assert [supervisor.checkpoints.get(key) for key in ("fresh", "old")] == ["1", None]
    await streams.until(lambda: streams.delivered == [2])


@contextlib.asynccontextmanager
async def running(supervisor: Supervisor) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(supervisor.run())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("error", "said"),
    [(AwsError("InternalFailure", "down", 500), "AwsError: InternalFailure: down"),
     (aiohttp.ClientConnectionError("gone"), "ClientConnectionError: gone"),
     (TimeoutError("slow"), "TimeoutError: slow")],
    ids=repr,
)  # fmt: skip
async def test_an_emulator_outage_is_reported_and_retried(
    supervisor: Supervisor, streams: Streams, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    streams.deployed = [mapping()]
    streams.refusals = [("mappings", error)] * 3
    assert supervisor.problem == "not looked yet"
    async with running(supervisor):
        await streams.until(lambda: supervisor.problem == said)
        await streams.until(lambda: supervisor.problem == "")
        await streams.until(lambda: streams.delivered == [1, 2])


async def test_workers_end_with_the_pump(supervisor: Supervisor, streams: Streams) -> None:
    streams.deployed = [mapping(), mapping("m2")]
    async with running(supervisor):
        await streams.until(lambda: len(supervisor.mappings) == 2)
        tasks = [task for pumped in supervisor.mappings.values() for task in pumped.tasks.values()]
    assert [task.cancelled() for task in tasks] == [True, True]
    assert supervisor.describe() == []
