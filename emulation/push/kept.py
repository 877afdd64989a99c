"""The push service's rows in two SQLite files: damage in one is repaired from the other.

Each write goes to both before it is acknowledged. Killed between the two, the first one counts.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from emulation import mended
from emulation.damage import DamagedStateError, NewerStateError, check_sqlite, named_when_damaged, require_version

log = logging.getLogger("emulation.push")

#: Table → its columns.
TABLES = {
    "agents": ("uaid",),
    "subscriptions": ("id", "row"),
    "waiting": ("version", "uaid", "channel", "topic", "expires", "ttl", "encoding", "body"),
}
_MAY_BE_NULL = frozenset({"topic"})
_SCHEMA = """
CREATE TABLE IF NOT EXISTS agents (uaid TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS subscriptions (id TEXT PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS waiting (
  version TEXT PRIMARY KEY, uaid TEXT NOT NULL, channel TEXT NOT NULL, topic TEXT, expires REAL NOT NULL,
  ttl INTEGER NOT NULL, encoding TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting_for ON waiting (uaid);
"""
_FORMAT = 1
_LOST = "Subscriptions and the pushes that wait are lost"
_ENDS = ("", "-wal", "-shm")


class Kept:
    """Persistent rows; without ``path`` they are in memory.

    Raises:
        NewerStateError: a newer version wrote the file.
    """

    def __init__(self, path: Path | None, fsync: bool = False) -> None:
        if path is None:
            self._databases = [_prepared(":memory:", fsync)]
            return
        both = (path, second(path))
        _put_right(*both)
        self._databases = [_prepared(file, fsync) for file in both]
        self._databases[0].backup(self._databases[1])

    def write(self, statement: str, values: Sequence[Any] = ()) -> None:
        for database in self._databases:
            database.execute(statement, values)

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._databases[0].execute(statement, values).fetchall()

    def close(self) -> None:
        for database in self._databases:
            database.close()


def second(path: Path) -> Path:
    return path.with_name(f"{path.stem}-copy{path.suffix}")


def _prepared(file: Path | str, fsync: bool) -> sqlite3.Connection:
    # The system keeps the writes of a killed process; only a machine that loses power may lose the last writes, unless
    # asked not to.
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(f"PRAGMA synchronous = {'FULL' if fsync else 'OFF'}")
    database.executescript(_SCHEMA)
    return database


def _put_right(path: Path, copy: Path) -> None:
    """Make both files readable; rows that could not be recovered are in the report."""
    _finish(path)
    # An earlier version had one file.
    damage = {path: _damage(path, made_if_missing=not os.path.lexists(copy))}
    damage[copy] = _damage(copy, made_if_missing=True)
    damaged = {file: error for file, error in damage.items() if error}
    if not damaged:
        return
    whole = next((file for file in (path, copy) if file not in damaged), None)
    found = _all_rows(whole) if whole else _readable_rows(path, copy)
    _rebuild(path, found)
    for file, error in damaged.items():
        kept = [str(mended.set_aside(one, path.parent)) for one in _parts(file) if os.path.lexists(one)]
        aside = f"Kept: {', '.join(kept)}. " if kept else ""
        log.error("%s", mended.note(path.parent, f"{file} was damaged: {error.found}. {aside}{_told(whole, found)}."))
    if path in damaged:
        _finish(path)
    else:
        _unfinished(path).unlink()


def _finish(path: Path) -> None:
    """Move the rebuilt file into the place of the damaged one; an earlier start may have been killed in between."""
    if _unfinished(path).exists() and not os.path.lexists(path):
        for part in _parts(path)[1:]:
            if part.exists():
                mended.set_aside(part, path.parent)
        _unfinished(path).replace(path)


def _told(whole: Path | None, found: dict[str, list[Any]]) -> str:
    if whole:
        return f"Nothing is lost: {whole.name} has the same"
    counts = f"{len(found['subscriptions'])} subscriptions and {len(found['waiting'])} waiting pushes"
    return (
        f"{counts} could be read and are kept, all others are lost: a browser subscribes again when its person "
        "switches notifications on"
    )


def _parts(file: Path) -> list[Path]:
    return [file.with_name(f"{file.name}{end}") for end in _ENDS]


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.rebuilt")


def _damage(file: Path, *, made_if_missing: bool) -> DamagedStateError | None:
    """Raises NewerStateError."""
    if not made_if_missing and not os.path.lexists(file):
        return DamagedStateError(file, "it is missing", _LOST, "")
    try:
        with named_when_damaged(file, _LOST), contextlib.closing(sqlite3.connect(file)) as database:
            check_sqlite(database, file)
            database.executescript(_SCHEMA)
            require_version(database, file, _FORMAT)
            for table in TABLES:
                for row in _rows(database, table, "ASC"):
                    _require_readable(table, row)
    except NewerStateError:
        raise
    except ValueError:
        return DamagedStateError(file, "a subscription is not what was written", _LOST, "")
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        return DamagedStateError(file, str(error), _LOST, "")
    except DamagedStateError as error:
        return error
    return None


def _all_rows(file: Path) -> dict[str, list[Any]]:
    with contextlib.closing(sqlite3.connect(file)) as database:
        return {table: list(_rows(database, table, "ASC")) for table in TABLES}


def _readable_rows(*files: Path) -> dict[str, list[Any]]:
    """Readable rows of each table in both files, from both ends up to the first unreadable page."""
    found: dict[str, dict[Any, Any]] = {table: {} for table in TABLES}
    for file in files:
        if not file.is_file():
            continue
        with contextlib.closing(sqlite3.connect(file)) as database:
            for table, direction in ((table, direction) for table in TABLES for direction in ("ASC", "DESC")):
                with contextlib.suppress(sqlite3.DatabaseError, ValueError):
                    for row in _rows(database, table, direction):
                        _require_readable(table, row)
                        found[table].setdefault(row[0], row)
    return {table: list(rows.values()) for table, rows in found.items()}


def _rows(database: sqlite3.Connection, table: str, direction: str) -> Iterator[Any]:
    columns = ", ".join(TABLES[table])
    yield from database.execute(f"SELECT {columns} FROM {table} ORDER BY rowid {direction}")  # noqa: S608 - of this file


def _require_readable(table: str, row: Any) -> None:
    """Raises ValueError: SQLite can read the row, and the service cannot."""
    if any(value is None for value, column in zip(row, TABLES[table], strict=True) if column not in _MAY_BE_NULL):
        raise ValueError("a column that is never empty is empty")
    if table == "subscriptions" and not isinstance(json.loads(row[1]), dict):
        raise ValueError("a subscription is no object")


def _rebuild(path: Path, rows: dict[str, list[Any]]) -> None:
    """Beside the file: it is renamed when the damaged one is out of the way."""
    for part in _parts(_unfinished(path)):
        part.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(_unfinished(path))) as database, database:
        database.executescript(_SCHEMA)
        database.execute(f"PRAGMA user_version = {_FORMAT}")
        for table, columns in TABLES.items():
            marks = ", ".join("?" * len(columns))
            database.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows[table])  # noqa: S608 - of this file
