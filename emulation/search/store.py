"""The source of truth on disk: index definitions, documents, versions and tombstones in one SQLite file.

A write is acknowledged after its transaction is on disk (WAL, ``synchronous=FULL``); requests that wait at
the same
time share one transaction (group commit). The inverted index is derived from here and catches up by sequence
number.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulation.damage import check_sqlite, named_when_damaged, require_version

#: The file's name in the engine's folder.
STORE = "store.sqlite"
#: The folder of inverted indices beside it.
DERIVED = "derived"
_FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS indices (
    name TEXT PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, body TEXT NOT NULL,
    next_seq INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aliases (
    alias TEXT NOT NULL, index_name TEXT NOT NULL, PRIMARY KEY (alias, index_name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS docs (
    uuid TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, source TEXT,
    PRIMARY KEY (uuid, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS docs_by_seq ON docs (uuid, seq);
"""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """The newest state of one id.

    ``source`` is JSON text, or None for a tombstone, which keeps its version.
    """

    id: str
    version: int
    seq: int
    source: str | None


@dataclass(frozen=True, slots=True)
class StoredIndex:
    name: str
    uuid: str
    created: int
    body: dict[str, Any]


class Store:
    """One SQLite file. ``writer`` belongs to the writer thread; readers get a connection per thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self.writer = self._connect()
        self.writer.executescript(_SCHEMA)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-2000")
        return connection

    @property
    def _reader(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._connect()
        connection: sqlite3.Connection = self._local.connection
        return connection

    def indices(self) -> list[StoredIndex]:
        rows = self._reader.execute("SELECT name, uuid, created, body FROM indices ORDER BY name")
        return [StoredIndex(name, uuid, created, json.loads(body)) for name, uuid, created, body in rows]

    def aliases(self) -> list[tuple[str, str]]:
        """Pairs (alias, index name)."""
        return list(self._reader.execute("SELECT alias, index_name FROM aliases"))

    def document(self, uuid: str, doc_id: str) -> StoredDocument | None:
        return _document(self._reader, uuid, doc_id)

    def current(self, uuid: str, doc_id: str) -> StoredDocument | None:
        """As ``document``, inside the writer's transaction."""
        return _document(self.writer, uuid, doc_id)

    def since(self, uuid: str, seq: int) -> Iterator[StoredDocument]:
        """Documents changed after ``seq``, oldest change first."""
        rows = self._connect().execute(
            "SELECT id, version, seq, source FROM docs WHERE uuid = ? AND seq > ? ORDER BY seq", (uuid, seq)
        )
        for row in rows:
            yield StoredDocument(*row)

    def take_seq(self, uuid: str) -> int:
        """The next sequence number; inside the writer's transaction."""
        row = self.writer.execute(
            "UPDATE indices SET next_seq = next_seq + 1 WHERE uuid = ? RETURNING next_seq - 1", (uuid,)
        ).fetchone()
        return int(row[0])

    def put(self, uuid: str, doc: StoredDocument) -> None:
        self.writer.execute(
            "INSERT INTO docs (uuid, id, version, seq, source) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (uuid, id) DO UPDATE SET version = excluded.version, seq = excluded.seq, "
            "source = excluded.source",
            (uuid, doc.id, doc.version, doc.seq, doc.source),
        )

    def add_index(self, index: StoredIndex) -> None:
        self.writer.execute(
            "INSERT INTO indices (name, uuid, created, body) VALUES (?, ?, ?, ?)",
            (index.name, index.uuid, index.created, json.dumps(index.body, ensure_ascii=False)),
        )

    def remove_index(self, index: StoredIndex) -> None:
        self.writer.execute("DELETE FROM docs WHERE uuid = ?", (index.uuid,))
        self.writer.execute("DELETE FROM aliases WHERE index_name = ?", (index.name,))
        self.writer.execute("DELETE FROM indices WHERE uuid = ?", (index.uuid,))

    def add_alias(self, alias: str, name: str) -> None:
        self.writer.execute("INSERT OR IGNORE INTO aliases (alias, index_name) VALUES (?, ?)", (alias, name))

    def remove_alias(self, alias: str, name: str) -> bool:
        cursor = self.writer.execute("DELETE FROM aliases WHERE alias = ? AND index_name = ?", (alias, name))
        return cursor.rowcount > 0


def require_whole(path: Path) -> None:
    """Before the engine opens it.

    Raises:
        DamagedStateError: the file of an earlier run cannot be read.
    """
    lost = "Indices and the documents in them are lost; what they were made from is not"
    rebuild = f"`rm -r {path.parent}`, start again and index the documents again"
    with named_when_damaged(path, lost, rebuild, (path.with_name(DERIVED),)):
        store = Store(path)
        check_sqlite(store.writer, path)
        require_version(store.writer, path, _FORMAT)
        store.writer.close()


def _document(connection: sqlite3.Connection, uuid: str, doc_id: str) -> StoredDocument | None:
    row = connection.execute(
        "SELECT id, version, seq, source FROM docs WHERE uuid = ? AND id = ?", (uuid, doc_id)
    ).fetchone()
    return StoredDocument(*row) if row else None
