"""Unreadable state. The process names the file and exits: starting with empty state would hide the loss, and soon
overwrite the rest.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

#: The remedy that always works.
EMPTY = "begin with an empty network: empty the state folder"
#: Exit status of a process that found its state damaged: starting it again changes nothing, so nobody does.
#: Source: sysexits(3), EX_DATAERR.
EXIT_DAMAGED = 65
#: Source: "Database File Format", SQLite's documentation, "Magic Header String".
_MAGIC = b"SQLite format 3\0"


class DamagedStateError(RuntimeError):
    """``file`` is damaged. The message is one line: the file, the loss, what to do."""

    def __init__(self, file: Path, found: str, lost: str, remedy: str) -> None:
        super().__init__(f"{file} is damaged: {found}. {lost}. Nothing was changed. To go on, {remedy}.")
        self.file, self.found = file, found


class NewerStateError(DamagedStateError):
    """A newer version wrote the file: it is intact, and never set aside."""


def require_version(connection: sqlite3.Connection, file: Path, known: int) -> None:
    """Mark an SQLite file as of the format ``known``; formats before the first mark are the first.

    Raises:
        NewerStateError: it is of a later format.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > known:
        lost = "Nothing is lost, but this version cannot read it"
        remedy = f"check out the version that wrote it, or {EMPTY}"
        raise NewerStateError(file, f"expected format {known}, found {found}", lost, remedy)
    if not found:
        connection.execute(f"PRAGMA user_version = {known}")


@contextlib.contextmanager
def named_when_damaged(file: Path, lost: str, remedy: str = EMPTY, beside: Iterable[Path] = ()) -> Iterator[None]:
    """Wraps the opening of an SQLite file, which is first created in one step when there is none from an earlier run.

    ``beside``: what is there only when the file was, besides SQLite's own.

    Raises:
        DamagedStateError: SQLite cannot read it, or it is empty or missing although an earlier run wrote it.
    """
    remedy = f"put back a copy of it (with its -wal), or {remedy}"
    if found := _missing_or_empty(file, beside):
        raise DamagedStateError(file, found, lost, remedy)
    if not file.exists():
        _begin(file)
    try:
        yield
    except sqlite3.OperationalError:
        raise  # locked, no rights, disk full: not what is in the file
    except sqlite3.DatabaseError as error:
        raise DamagedStateError(file, str(error), lost, remedy) from None


def _missing_or_empty(file: Path, beside: Iterable[Path]) -> str:
    if not os.path.lexists(file):
        companions = (file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm"))
        left = next((one for one in (*companions, *beside) if one.exists()), None)
        return f"it is missing, and {left.name} is still there" if left else ""
    return _not_sqlite(file)


def _not_sqlite(file: Path) -> str:
    """Looks at the first bytes itself: SQLite doesn't, when its first page is in the write-ahead log as well."""
    if not file.is_file():
        return "expected a file, found something else"
    with file.open("rb") as opened:
        first = opened.read(len(_MAGIC))
    if not first:
        return "it is empty (0 bytes)"
    return "" if first == _MAGIC else "file is not a database: its first bytes are not SQLite's"


def _begin(file: Path) -> None:
    """An SQLite file is never there without its first page: that is how damage looks."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    unfinished.replace(file)


def look_at_sqlite(file: Path, beside: Iterable[Path] = ()) -> None:
    """For a file that no process has open; it is not changed, and need not be there.

    ``beside``: as of ``named_when_damaged``.

    Raises:
        DamagedStateError: SQLite cannot read it, or it is empty or missing although an earlier run wrote it.
    """
    lost, remedy = "What it held is lost", f"put back a copy of it, or {EMPTY}"
    try:
        if found := _missing_or_empty(file, beside):
            raise sqlite3.DatabaseError(found)
        if not file.exists():
            return
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            check_sqlite(connection, file)
    except sqlite3.OperationalError:
        return  # locked, no rights: not what is in the file
    except sqlite3.DatabaseError as error:
        raise DamagedStateError(file, str(error), lost, remedy) from None


def check_sqlite(connection: sqlite3.Connection, file: Path, most_bytes: int = 64 << 20) -> None:
    """Check every page, if that is quick: files above ``most_bytes`` are left to their first reader.

    Raises:
        sqlite3.DatabaseError: it is damaged; the message says how.
    """
    if file.stat().st_size > most_bytes:
        return
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(" ".join(str(verdict).split()))


@contextlib.contextmanager
def stop_when_damaged(name: str) -> Iterator[None]:
    """Around the start of a process.

    Raises:
        SystemExit: ``EXIT_DAMAGED``, after the sentence was printed as the last line of the log.
    """
    try:
        yield
    except DamagedStateError as error:
        print(f"{name}: {error}", file=sys.stderr, flush=True)
        raise SystemExit(EXIT_DAMAGED) from None
