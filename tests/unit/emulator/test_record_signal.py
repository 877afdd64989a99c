"""Waiters for new records wake at once, and are released when the emulator stops."""

from __future__ import annotations

import asyncio
import threading

import pytest

from emulation.emulator import streams

_LONG = 3600.0


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The ends of the streams."""
    found: dict[str, int] = {"posts": 1}
    monkeypatch.setattr(streams, "ends", lambda: dict(found))
    return found


async def _waiting(signal: streams.RecordSignal) -> asyncio.Task[dict[str, object]]:
    signal.bind(asyncio.get_running_loop())
    known = str((await signal.wait_beyond("", 0))["known"])
    task = asyncio.create_task(signal.wait_beyond(known, _LONG))
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_a_record_from_another_thread_wakes_a_waiter(present: dict[str, int]) -> None:
    signal = streams.RecordSignal()
    task = await _waiting(signal)
    present["posts"] = 2
    threading.Thread(target=signal.heard).start()
    assert (await task)["ends"] == {"posts": 2}


async def test_the_end_of_the_emulator_releases_all_waiters(present: dict[str, int]) -> None:
    signal = streams.RecordSignal()
    task = await _waiting(signal)
    signal.end()
    known = str((await task)["known"])
    assert (await signal.wait_beyond(known, _LONG))["ends"] == {"posts": 1}
