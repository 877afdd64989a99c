"""The supervisor's start order: first the processes that users wait for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from kit.processes import EMBEDDED, Launch
from kit.supervisor import managed


def _managed(folder: Path, name: str, after: list[str]) -> managed.Managed:
    launch = Launch(name, name, [], str(folder), {}, None, None, [], 2, "1", after)
    return managed.Managed(launch, folder, folder, lambda: None)


async def test_a_process_that_depends_on_others_waits_until_they_are_up(tmp_path: Path) -> None:
    others = {name: _managed(tmp_path, name, []) for name in ("edge", "pump")}
    late = _managed(tmp_path, "console", ["edge", "pump", "absent"])
    waiting = asyncio.create_task(late._let_start_first(others))
    others["edge"].up.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    others["pump"].up.set()
    await waiting


async def test_a_process_that_does_not_start_delays_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managed, "_AFTER_SECONDS", 0.01)
    late = _managed(tmp_path, "console", ["edge"])
    await late._let_start_first({"edge": _managed(tmp_path, "edge", [])})


async def test_a_process_started_beside_its_dependencies_waits_only_for_them(tmp_path: Path) -> None:
    others = {name: _managed(tmp_path, name, []) for name in ("search", "emulator")}
    launch = replace(_managed(tmp_path, "edge", ["search"]).launch, needs=["emulator"], beside=True)
    edge = managed.Managed(launch, tmp_path, tmp_path, lambda: None)
    waiting = asyncio.create_task(edge._let_start_first(others))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    others["emulator"].up.set()
    await waiting


def test_processes_have_no_circular_start_order() -> None:
    after = {row.name: set(row.after) for row in EMBEDDED}
    assert any(after.values())
    while waiting := {name: names for name, names in after.items() if names}:
        free = after.keys() - waiting.keys()
        assert any(names & free for names in waiting.values()), f"they wait for each other: {waiting}"
        after = {name: names - free for name, names in after.items()}
