"""Kinesis records expire without disturbing readers: an iterator continues with the next retained record."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from emulation.emulator import expiry, seams

HOUR = 3600.0


@pytest.fixture
def kinesis(monkeypatch: pytest.MonkeyPatch) -> Any:
    """MiniStack's storage: records in lists, iterators that count from the first retained record."""
    module = SimpleNamespace(_shard_iterators=SimpleNamespace(_data={}), _expire_records=None, _expire_iterators=None)
    monkeypatch.setattr(seams, "module", lambda name: module)
    expiry.look_when_due()
    return module


def stream(*ages: float) -> dict[str, Any]:
    records = [{"n": n, "ApproximateArrivalTimestamp": time.time() - age} for n, age in enumerate(ages)]
    return {"StreamName": "frames", "RetentionPeriodHours": 24, "shards": {"s": {"records": records}}}


def iterator(position: int, shard: str = "s", name: str = "frames") -> dict[str, Any]:
    return {"stream": name, "shard_id": shard, "position": position}


def test_records_are_not_scanned_before_any_can_have_expired(kinesis: Any) -> None:
    frames = stream(23 * HOUR, 1.0, 0.0)
    before = frames["shards"]["s"]["records"]
    kinesis._expire_records(frames)
    kinesis._expire_iterators()
    assert frames["shards"]["s"]["records"] is before


def test_iterators_shift_with_expired_records(kinesis: Any) -> None:
    frames = stream(26 * HOUR, 25 * HOUR, 1.0, 0.0)
    positions = {"at the end": 4, "at the first that stays": 2, "before": 1}
    kinesis._shard_iterators._data |= {name: iterator(position) for name, position in positions.items()}
    kinesis._shard_iterators._data |= {"other shard": iterator(3, "t"), "other stream": iterator(3, name="else")}
    kinesis._expire_records(frames)
    assert [one["n"] for one in frames["shards"]["s"]["records"]] == [2, 3]
    found = {name: state["position"] for name, state in kinesis._shard_iterators._data.items()}
    assert found == {"at the end": 2, "at the first that stays": 0, "before": 0, "other shard": 3, "other stream": 3}
