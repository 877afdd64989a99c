"""Writes: version rules, and the thread that commits many requests at once.

Version rules (opensearch.org, Index document, ``version_type``): ``internal`` counts up; ``external`` takes
a version
only if it is higher than the current one, ``external_gte`` if higher or equal. A delete leaves a tombstone
that keeps
its version, so that a late, older write is refused whatever the order of arrival. OpenSearch forgets
tombstones after
``index.gc_deletes``; here they stay until the index is deleted.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulation.search.errors import IndexNotFound, SearchError, VersionConflict
from emulation.search.store import Store, StoredDocument

_MOST_IN_ONE_COMMIT = 5_000


class WritableIndex(Protocol):
    """The parts of an index that a write needs."""

    @property
    def name(self) -> str: ...

    @property
    def uuid(self) -> str: ...

    def submit(self, docs: Iterable[StoredDocument]) -> None:
        """Hand acknowledged changes to the inverted index."""

    def refresh(self) -> None:
        """Return once what was handed over can be found."""


@dataclass(frozen=True, slots=True)
class WriteOp:
    """One item. ``action`` is index, create or delete; ``source`` is JSON text that fits the mapping."""

    action: str
    index: WritableIndex
    doc_id: str
    source: str | None = None
    version: int | None = None
    version_type: str = "internal"


@dataclass(frozen=True, slots=True)
class WriteResult:
    """Status and body of one item; ``stored`` is the change for the inverted index."""

    status: int
    body: dict[str, Any]
    stored: StoredDocument | None = None


#: Outcome of one item: its index and result, or why it was refused.
Written = tuple[WritableIndex, WriteResult] | SearchError


@dataclass
class _Request:
    work: Callable[[], Any]
    size: int
    done: Future[Any] = field(default_factory=Future)


class Writer:
    """The one thread that writes. Work waiting at the same time shares a transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def write(self, ops: list[WriteOp | SearchError]) -> Future[list[Written]]:
        """Queue one request; the result comes once it is on disk.

        Errors among ``ops`` pass through in place.
        """
        return self._put(lambda: [self._item(op) for op in ops], len(ops))

    def run(self, work: Callable[[], Any]) -> Future[Any]:
        """Queue a change of definitions (indices, aliases) among the writes."""
        return self._put(work, 1)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _put(self, work: Callable[[], Any], size: int) -> Future[Any]:
        request = _Request(work, size)
        self._queue.put(request)
        return request.done

    def _run(self) -> None:
        while (request := self._queue.get()) is not None:
            batch, size = [request], request.size
            stop = False
            while size < _MOST_IN_ONE_COMMIT:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    stop = True
                    break
                batch.append(following)
                size += following.size
            self._commit(batch)
            if stop:
                return

    def _commit(self, batch: list[_Request]) -> None:
        """One transaction; a request that fails is undone alone."""
        outcomes: list[Any] = []
        connection = self._store.writer
        try:
            connection.execute("BEGIN IMMEDIATE")
            for request in batch:
                connection.execute("SAVEPOINT request")
                try:
                    outcomes.append(request.work())
                except Exception as error:
                    connection.execute("ROLLBACK TO request")
                    outcomes.append(error)
                connection.execute("RELEASE request")
            connection.execute("COMMIT")
        except Exception as error:  # the disk said no: nobody is told that anything was written
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            outcomes = [error] * len(batch)
        self._publish(outcomes)
        for request, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                request.done.set_exception(outcome)
            else:
                request.done.set_result(outcome)

    def _publish(self, outcomes: list[Any]) -> None:
        changed: dict[str, tuple[WritableIndex, list[StoredDocument]]] = {}
        for outcome in outcomes:
            for item in outcome if isinstance(outcome, list) else []:
                if isinstance(item, tuple) and isinstance(item[1], WriteResult) and item[1].stored:
                    changed.setdefault(item[0].uuid, (item[0], []))[1].append(item[1].stored)
        for index, docs in changed.values():
            index.submit(docs)

    def _item(self, op: WriteOp | SearchError) -> Written:
        if isinstance(op, SearchError):
            return op
        try:
            return op.index, self._apply(op)
        except SearchError as error:
            return error

    def _apply(self, op: WriteOp) -> WriteResult:
        index = op.index
        current = self._store.current(index.uuid, op.doc_id)
        version = _next_version(op, current)
        try:
            seq = self._store.take_seq(index.uuid)
        except TypeError as error:  # no row: deleted since the request came in
            raise IndexNotFound(index.name) from error
        stored = StoredDocument(op.doc_id, version, seq, op.source if op.action != "delete" else None)
        self._store.put(index.uuid, stored)
        existed = current is not None and current.source is not None
        if op.action == "delete":
            result, status = ("deleted", 200) if existed else ("not_found", 404)
        else:
            result, status = ("updated", 200) if existed else ("created", 201)
        body = {
            "_index": index.name,
            "_id": op.doc_id,
            "_version": version,
            "result": result,
            "_shards": {"total": 1, "successful": 1, "failed": 0},
            "_seq_no": seq,
            "_primary_term": 1,
        }
        return WriteResult(status, body, stored)


def _next_version(op: WriteOp, current: StoredDocument | None) -> int:
    if op.action == "create" and current is not None and current.source is not None:
        raise _conflict(op, f"document already exists (current version [{current.version}])")
    if op.version is None:
        return current.version + 1 if current else 1
    if current is not None:
        if op.version_type == "external" and current.version >= op.version:
            relation = "higher or equal to"
        elif op.version_type == "external_gte" and current.version > op.version:
            relation = "higher than"
        else:
            return op.version
        raise _conflict(op, f"current version [{current.version}] is {relation} the one provided [{op.version}]")
    return op.version


def _conflict(op: WriteOp, why: str) -> VersionConflict:
    return VersionConflict(op.index.name, op.index.uuid, op.doc_id, why)
