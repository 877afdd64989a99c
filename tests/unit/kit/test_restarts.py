"""How long the supervisor waits before it restarts a process."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from kit.processes import Launch
from kit.supervisor import managed


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> managed.Managed:
    """A restart policy on a fixed clock."""
    monkeypatch.setattr(managed, "time", SimpleNamespace(monotonic=lambda: 1000.0, time=time.time))
    launch = Launch("one", "one", [], str(tmp_path), {}, None, None, [], 2, "1")
    return managed.Managed(launch, tmp_path, tmp_path, lambda: None)


def test_a_process_that_does_not_come_up_waits_longer_each_time(one: managed.Managed) -> None:
    pauses = [one._pause() for _ in range(8)]
    assert pauses[:3] == [0.2, 0.4, 0.8]
    assert pauses[-1] == managed._BACKOFF_MOST


def test_a_process_that_ends_soon_after_start_waits_too(one: managed.Managed) -> None:
    one._up_since = 999.0
    assert [one._pause() for _ in range(2)] == [0.2, 0.4]


def test_a_process_that_had_been_up_restarts_at_once(one: managed.Managed) -> None:
    for _ in range(5):
        one._pause()
    one._up_since = 990.0
    assert one._pause() == 0
    one._up_since = None
    assert one._pause() == 0.2
