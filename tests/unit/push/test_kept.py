"""Damage in one of the two files is repaired from the other; when both are damaged, readable rows are kept."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from emulation import mended
from emulation.damage import NewerStateError
from emulation.push.kept import second
from emulation.push.store import PushStore

_COUNT = 400


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a killed process: its files were not closed."""
    folder = tmp_path_factory.mktemp("push")
    running = folder / "running" / "push.sqlite"
    store = PushStore(running)
    for number in range(_COUNT):
        store.register("https://example.com", None, store.agent(None), f"channel-{number}-{'x' * 200}")
    shutil.copytree(running.parent, folder / "killed")
    store.close()
    return folder / "killed"


@pytest.fixture
def file(left_behind: Path, tmp_path: Path) -> Path:
    killed = tmp_path / "killed" / "push"
    shutil.copytree(left_behind, killed)
    for name in (killed / "push.sqlite", second(killed / "push.sqlite")):
        # Closed here: a connection that the garbage collector closes later would block the writes of others.
        with contextlib.closing(sqlite3.connect(name)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return killed / "push.sqlite"


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


def _headless(file: Path) -> None:
    file.write_bytes(b"X" + file.read_bytes()[1:])


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _with_a_lost_page(file: Path) -> None:
    content = file.read_bytes()
    half = len(content) // 8192 * 4096
    file.write_bytes(content[:half] + b"\xff" * 4096 + content[half + 4096 :])


def _with_a_garbled_row(file: Path) -> None:
    content = file.read_bytes()
    assert b'"channel": "channel-7-' in content
    file.write_bytes(content.replace(b'"channel": "channel-7-', b'\xff\xfechannel": "channel-7-'))


def _with_an_empty_row(file: Path) -> None:
    """An invalid row, as garbage in a page can make it: SQLite checks NOT NULL only on writes."""
    with sqlite3.connect(file) as database:
        database.executescript(
            "ALTER TABLE subscriptions RENAME TO before; CREATE TABLE subscriptions (id TEXT, row TEXT);"
            "INSERT INTO subscriptions SELECT * FROM before; INSERT INTO subscriptions VALUES ('x', NULL);"
            "DROP TABLE before;"
        )
    database.close()


def _missing(file: Path) -> None:
    file.unlink()


def _a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


_DAMAGES = (_emptied, _headless, _cut, _with_a_lost_page, _with_a_garbled_row, _with_an_empty_row, _missing, _a_folder)


def _subscriptions(file: Path) -> int:
    store = PushStore(file)
    try:
        return int(store.describe()["subscriptions"])
    finally:
        store.close()


@pytest.mark.parametrize("damage", _DAMAGES)
@pytest.mark.parametrize("which", [lambda file: file, second])
def test_one_damaged_file_loses_no_subscription(
    file: Path, which: Callable[[Path], Path], damage: Callable[[Path], None]
) -> None:
    damage(which(file))
    assert _subscriptions(file) == _COUNT
    lines = mended.reports(file.parent.parent)
    assert _subscriptions(file) == _COUNT
    assert mended.reports(file.parent.parent) == lines
    if not (damage is _missing and which is second):  # an earlier version wrote no second file
        (line,) = lines
        assert f" {which(file)} was damaged: " in line
        assert "Nothing is lost" in line


@pytest.mark.parametrize("damage", [_headless, _emptied])
def test_two_unreadable_files_start_empty_and_report_the_loss(file: Path, damage: Callable[[Path], None]) -> None:
    damage(file)
    damage(second(file))
    assert _subscriptions(file) == 0
    lines = mended.reports(file.parent.parent)
    assert len(lines) == 2
    assert all("0 subscriptions and 0 waiting pushes could be read" in line for line in lines)


def test_two_files_with_empty_rows_keep_all_others(file: Path) -> None:
    _with_an_empty_row(file)
    _with_an_empty_row(second(file))
    assert _subscriptions(file) == _COUNT


def test_two_files_with_lost_pages_keep_the_rest(file: Path) -> None:
    _with_a_lost_page(file)
    _cut(second(file))
    kept = _subscriptions(file)
    assert 0 < kept <= _COUNT
    assert f"{kept} subscriptions" in mended.reports(file.parent.parent)[0]
    assert _subscriptions(file) == kept


def test_a_start_that_was_killed_after_it_set_the_damaged_file_aside_is_finished(file: Path) -> None:
    file.with_name("push.sqlite.rebuilt").write_bytes(file.read_bytes())
    file.unlink()
    second(file).unlink()
    assert _subscriptions(file) == _COUNT


def test_a_file_of_a_newer_version_is_refused_and_not_changed(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    before = file.read_bytes()
    with pytest.raises(NewerStateError, match="expected format 1, found 7"):
        PushStore(file)
    assert file.read_bytes() == before
