"""Damaged files of the pump, search, push and edge are repaired or named; none is silently replaced by an empty one."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emulation import mended
from emulation.damage import EXIT_DAMAGED
from emulation.edge import certificate
from emulation.search.mending import REFILL, make_whole
from emulation.search.store import DERIVED, STORE, Store
from kit.settings import checkout_root
from tests.contract.emulator_process import free_offset


def _start(module: str, home: Path) -> tuple[int, str]:
    """Exit status and last line of a process that is expected to exit."""
    environment = os.environ | {"EMULATION_STATE": str(home), "EMULATION_PORT_OFFSET": str(free_offset())}
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=checkout_root(), env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, (done.stderr.splitlines() or [""])[-1]


CHECKPOINT = {"stream/shard": {"sequence": "12", "at": 1.0}}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(CHECKPOINT)[:-9],
        "",
        "[]",
        json.dumps({"version": 2, "crc32": 0, "entries": CHECKPOINT}),
    ],
)
def test_the_pump_names_checkpoints_that_it_cannot_read(home: Path, content: str) -> None:
    file = home / "pump" / "checkpoints.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    status, sentence = _start("emulation.pump", home)
    assert status == EXIT_DAMAGED
    assert sentence.startswith(f"pump: {file} is damaged: ")
    assert file.read_text() == content


def _database(file: Path) -> bytes:
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", [(number, "x" * 400) for number in range(200)])
    connection.close()
    return file.read_bytes()


def _headless(content: bytes) -> bytes:
    return b"X" + content[1:]


def _without_tail(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _emptied(content: bytes) -> bytes:
    return b""


def _with_a_lost_page(content: bytes) -> bytes:
    return content[: len(content) // 2] + b"\xff" * 4096 + content[len(content) // 2 + 4096 :]


def _missing_beside(left: str) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        file.unlink()
        if left == DERIVED:
            (file.parent / left).mkdir()
        else:
            (file.parent / left).write_bytes(b"x" * 32)

    return damage


def _changed(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        file.write_bytes(change(file.read_bytes()))

    return damage


def _a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        *map(_changed, (_headless, _without_tail, _with_a_lost_page, _emptied)),
        *map(_missing_beside, ("store.sqlite-wal", "store.sqlite-shm", DERIVED)),
        _a_folder,
    ],
)
def test_search_sets_a_damaged_store_aside_starts_empty_and_requests_a_refill(
    home: Path, damage: Callable[[Path], None]
) -> None:
    file = home / "search" / STORE
    _database(file)
    damage(file)
    make_whole(file)
    (line,) = mended.reports(home)
    assert f" {file} was damaged: " in line
    assert "`make up` or `make reindex` fills them" in line
    assert (file.parent / REFILL).exists()
    assert Store(file).indices() == []
    make_whole(file)
    assert mended.reports(home) == [line]


@pytest.mark.parametrize(
    ("module", "name"), [("emulation.search", "search/store.sqlite"), ("emulation.push", "push/push.sqlite")]
)
def test_search_and_push_refuse_a_database_of_a_newer_version(home: Path, module: str, name: str) -> None:
    file = home / name
    _database(file)
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    status, sentence = _start(module, home)
    assert status == EXIT_DAMAGED
    assert sentence.startswith(f"{module.removeprefix('emulation.')}: {file} is damaged: expected format 1, found 9")


@pytest.mark.parametrize("name", ["localhost.key", "localhost.pem"])
def test_the_edge_names_a_certificate_that_it_cannot_read(home: Path, name: str) -> None:
    certificate.ensure(home / "edge")
    (home / "edge" / name).write_bytes(b"")
    status, sentence = _start("emulation.edge", home)
    assert status == EXIT_DAMAGED
    assert sentence.startswith(f"edge: {home / 'edge' / name} is damaged: ")
