"""Which process the supervisor starts first: what people wait for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kit.processes import EMBEDDED, Launch
from kit.supervisor import managed


def _managed(folder: Path, name: str, after: list[str]) -> managed.Managed:
    launch = Launch(name, name, [], str(folder), {}, None, None, [], 2, "1", after)
    return managed.Managed(launch, folder, folder, lambda: None)


async def test_one_that_comes_after_others_waits_until_they_are_up(tmp_path: Path) -> None:
    others = {name: _managed(tmp_path, name, []) for name in ("edge", "pump")}
    late = _managed(tmp_path, "console", ["edge", "pump", "absent"])
    waiting = asyncio.create_task(late._let_start_first(others))
    others["edge"].up.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    others["pump"].up.set()
    await waiting


async def test_one_that_does_not_come_up_holds_nobody_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managed, "_AFTER_SECONDS", 0.01)
    late = _managed(tmp_path, "console", ["edge"])
    await late._let_start_first({"edge": _managed(tmp_path, "edge", [])})


def test_nobody_waits_for_one_that_waits_for_others() -> None:
    after = {row.name: row.after for row in EMBEDDED}
    first = {name for names in after.values() for name in names}
    assert first
    assert all(not after[name] for name in first)
