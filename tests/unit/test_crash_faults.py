"""The faults of ``make crash`` are chosen by a seed, and include pairs of processes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kit.settings import Settings
from loadtests.crash import faults
from loadtests.crash.faults import Faults

SERVERS = ("edge", "emulator", "pump", "search")


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The killed process ids in order; each is the index of its name in ``SERVERS``."""
    rows = [SimpleNamespace(name=name) for name in (*SERVERS, "supervisor", "watchdog")]
    found: list[int] = []
    monkeypatch.setattr(faults.processes, "read_launches", lambda _: rows)
    names = [row.name for row in rows]

    def alive(_: Path, name: str) -> SimpleNamespace:
        left = iter([True, True])  # the process lives on for a moment
        return SimpleNamespace(pid=names.index(name), is_alive=lambda: next(left, False))

    monkeypatch.setattr(faults.records, "read_alive", alive)
    monkeypatch.setattr(faults, "time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr(faults.os, "kill", lambda pid, _: found.append(pid))
    return found


def _struck(seed: int, kinds: list[str]) -> list[str]:
    found = [Faults(Settings(), random.Random(f"{seed}/{number}")) for number in range(60)]
    return [one.strike(one.draw(kinds)) for one in found]


def test_joined_names_are_killed_together(killed: list[int]) -> None:
    assert _struck(1, ["emulator+pump"])[0] == "kill -9 of emulator, pump"
    assert killed[:2] == [SERVERS.index("emulator"), SERVERS.index("pump")]


def test_a_seed_repeats_its_faults_and_draws_every_pair(killed: list[int]) -> None:
    first = _struck(1, ["pair"])
    assert first == _struck(1, ["pair"])
    assert first != _struck(2, ["pair"])
    pairs = {frozenset(done.removeprefix("kill -9 of ").split(", ")) for done in first}
    assert {frozenset(("emulator", "pump")), frozenset(("emulator", "edge"))} <= pairs
    assert {len(pair) for pair in pairs} == {2}
