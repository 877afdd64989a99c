"""A damaged first page is named also when the write-ahead log has that page, and SQLite reads it there."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from emulation import mended
from emulation.damage import DamagedStateError, look_at_sqlite
from emulation.search.mending import REFILL, make_whole
from emulation.search.store import Store


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A store as ``kill -9`` leaves it, whose log has a new version of the first page."""
    running, path = tmp_path / "running" / "store.sqlite", tmp_path / "search" / "store.sqlite"
    path.parent.mkdir()
    store = Store(running)
    store.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.writer.execute("CREATE TABLE grown AS SELECT zeroblob(100000)")
    for end in ("", "-wal", "-shm"):
        shutil.copy(running.with_name(f"{running.name}{end}"), path.with_name(f"{path.name}{end}"))
    store.writer.close()
    path.write_bytes(b"\x00garbage\n" + path.read_bytes()[9:])
    return path


def test_sqlite_alone_does_not_see_it(killed: Path) -> None:
    with contextlib.closing(sqlite3.connect(killed)) as database:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_the_engine_names_it_and_fills_its_store_again(killed: Path) -> None:
    make_whole(killed)

    (line,) = mended.reports(killed.parents[1])
    assert f" {killed} was damaged: file is not a database" in line
    assert (killed.parent / REFILL).exists()


def test_the_doctor_names_it(killed: Path) -> None:
    with pytest.raises(DamagedStateError, match="file is not a database"):
        look_at_sqlite(killed)
