"""Where reading of a shard begins, and when that position is recorded."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emulation.aws.client import AwsClient
from emulation.pump import shard
from emulation.pump.checkpoints import HORIZON, CheckpointStore
from emulation.pump.events import Source
from emulation.pump.semantics import Policy
from emulation.pump.shard import ShardWorker
from emulation.pump.wake import Wake

STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/records"


class Page:
    """A page of a shard with one record or none, without a next page."""

    instance, following = "one", "next"

    def __init__(self, *sequences: str) -> None:
        self.records = [
            {"SequenceNumber": one, "ApproximateArrivalTimestamp": 1.0, "PartitionKey": "k", "Data": ""}
            for one in sequences
        ]


class Kinesis:
    """A fake Kinesis that answers when the test permits it."""

    def __init__(self, *pages: Page) -> None:
        self.pages, self.answers = list(pages), asyncio.Event()

    async def shard_iterator(self, *_: object) -> tuple[str, str]:
        return "iterator", "one"

    async def get_records(self, *_: object) -> Page:
        await self.answers.wait()
        return self.pages.pop(0)


def worker(client: Kinesis, folder: Path) -> ShardWorker:
    mapping: dict[str, Any] = {"StartingPosition": "LATEST"}
    return ShardWorker(
        "key", Source(STREAM), "shard", mapping, Policy(), lambda _: True,
        cast(AwsClient, client), cast(Wake, None), CheckpointStore.open(folder / "checkpoints.json"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("created", "lag"), [({}, 0), ({"1": 1000.0}, 0), ({"1": 999.5, "2": 998.0}, 2000), ({"1": 1001.0}, 0)]
)
async def test_the_lag_is_the_age_of_the_oldest_unfinished_record(
    created: dict[str, float], lag: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that jumped back gives no negative lag."""
    monkeypatch.setattr(shard, "time", SimpleNamespace(time=lambda: 1000.0))
    made = worker(Kinesis(), tmp_path)
    made._created.update(created)
    assert made.describe()["lagMilliseconds"] == lag


@pytest.mark.parametrize(("pages", "start"), [((Page("7"), Page()), "7"), ((Page(),), HORIZON)])
async def test_a_shard_has_begun_when_its_latest_record_is_known(
    pages: tuple[Page, ...], start: str, tmp_path: Path
) -> None:
    client = Kinesis(*pages)
    made = worker(client, tmp_path)
    opening = asyncio.create_task(made._open())
    await asyncio.sleep(0)
    assert made.describe()["hasBegun"] is False
    client.answers.set()
    await opening
    assert made.describe()["hasBegun"] is True
    assert made.checkpoints.get("key") == start
