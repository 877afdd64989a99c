"""The child process that writes snapshots: its share of the processors, and its message when it is killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulation.emulator.durability import collect
from emulation.emulator.snapshot import Encoding, SnapshotStore, fork_and_take


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    store = SnapshotStore(tmp_path)
    store.acquire()
    return store


def _taken(store: SnapshotStore, getter: Callable[[], Any]) -> dict[str, Any]:
    encoding = Encoding(lambda _service: 1, str)
    pid, pipe, _ = fork_and_take(store, encoding, {"sqs": getter})
    return collect(pid, pipe)


def test_a_snapshot_has_the_priority_of_the_host(store: SnapshotStore) -> None:
    report = _taken(store, lambda: {"niceness": os.nice(0)})

    assert report["services"] == ["sqs"]
    written = json.loads((store.current / "sqs.json").read_bytes())["payload"]
    assert written["niceness"] == os.nice(0)


def test_a_child_that_is_ended_is_reported_with_its_signal(store: SnapshotStore) -> None:
    def ended() -> None:
        os.kill(os.getpid(), signal.SIGALRM)
        time.sleep(60)

    report = _taken(store, ended)

    assert report == {"error": "the snapshot child ended without a report: SIGALRM"}
