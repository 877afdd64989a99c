"""Item writes of DynamoDB, appended to a file before they are acknowledged.

A snapshot of all tables costs as much as there are items; a line costs as much as the item. So tables are written
whole only when their definition changes or the journal has grown, and a restart is snapshot plus journal. The file is
closed and a new one begun at the fork of each such snapshot, which then says with which file to go on. What the files
look like is in ``journal_file``; ``integrity`` has looked at them before they are read here.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulation.emulator import integrity, journal_file, seams

log = logging.getLogger("emulation.emulator")


@dataclass
class Journal:
    """Files ``journal-<n>.log`` below ``root``, records in the order of the writes."""

    root: Path
    number: int = 0
    size: int = 0
    _descriptor: int = -1
    #: Filled from several threads.
    _records: deque[bytes] = field(default_factory=deque)

    def open(self) -> None:
        """Begin a file of our own, behind all that are there."""
        self.number = max((number for number, _ in integrity.journals(self.root)), default=0)
        self.rotate()

    def rotate(self) -> int:
        """Begin the next file; its number is what a snapshot taken now goes on with."""
        self.flush()
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self.number += 1
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self.root / f"journal-{self.number}.log", flags, 0o600)
        self.size = 0
        return self.number

    def add(self, entry: list[Any]) -> None:
        """Note a write; it is on its way to disk at the next ``flush``."""
        self._records.append(journal_file.encode(entry))

    def flush(self) -> None:
        """Hand all records to the operating system: from now on they survive the end of this process.

        Raises:
            OSError: the disk is full; the records are kept for the next time, the file is whole.
        """
        if self._records and self._descriptor >= 0:
            content = b"".join(self._records.popleft() for _ in range(len(self._records)))
            try:
                self._append(content if self.size else journal_file.HEADER + content)
            except OSError:
                self._records.appendleft(content)
                raise

    def _append(self, content: bytes) -> None:
        """All of it or, with an error, nothing: half a record before others would be damage."""
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(content)

    def drop_before(self, number: int) -> None:
        for found, path in integrity.journals(self.root):
            if found < number:
                path.unlink()

    def entries(self, first: int) -> Iterator[list[Any]]:
        """Records of file ``first`` and those behind it. What a kill cut off, and nobody was told of, is removed."""
        for number, path in integrity.journals(self.root):
            if number < first:
                continue
            contents = journal_file.decode(path.read_bytes())
            yield from contents.entries
            if contents.torn:
                log.warning("%s: the last record was cut off by a kill; it is removed", path.name)
                os.truncate(path, contents.whole)


def record_writes(journal: Journal, replaced: Callable[[], None]) -> None:
    """From now on every stored or removed item and every stream record goes into ``journal``.

    ``replaced`` is called when a table's items were swapped as a whole: that takes a snapshot.
    """
    dynamodb = seams.module("services.dynamodb")
    set_item, remove_item = dynamodb._set_item, dynamodb._remove_item
    emit, swap = dynamodb._emit_stream_event, dynamodb._items_replaced

    def set_and_note(table: dict[str, Any], pk_val: Any, sk_val: Any, item: dict[str, Any]) -> Any:
        old = set_item(table, pk_val, sk_val, item)
        journal.add(["set", table["TableArn"], pk_val, sk_val, item])
        return old

    def remove_and_note(table: dict[str, Any], pk_val: Any, sk_val: Any) -> Any:
        old = remove_item(table, pk_val, sk_val)
        if old is not None:
            journal.add(["remove", table["TableArn"], pk_val, sk_val])
        return old

    def emit_and_note(table_name: str, *arguments: Any, **named: Any) -> None:
        before = len(dynamodb._stream_records.get(table_name) or ())
        emit(table_name, *arguments, **named)
        records = dynamodb._stream_records.get(table_name) or []
        if len(records) > before:
            journal.add(["record", dynamodb._tables.get(table_name)["TableArn"], records[-1]])

    def swap_and_tell(table: dict[str, Any]) -> None:
        swap(table)
        replaced()

    dynamodb._set_item, dynamodb._remove_item = set_and_note, remove_and_note
    dynamodb._emit_stream_event, dynamodb._items_replaced = emit_and_note, swap_and_tell


def replay(journal: Journal, first: int) -> int:
    """Do the journalled writes again, onto the snapshot they follow; returns how many.

    Must run before ``record_writes``. Writes that the snapshot has already are done twice, with the same end.
    """
    dynamodb = seams.module("services.dynamodb")
    count = 0
    for entry in journal.entries(first):
        kind, arn = entry[0], entry[1]
        account, region, name = arn.split(":")[4], arn.split(":")[3], arn.partition("/")[2]
        table = dynamodb._tables.get_scoped(account, region, name)
        if table is None:
            continue  # deleted later; the snapshot knows
        if kind == "set":
            dynamodb._set_item(table, entry[2], entry[3], entry[4])
        elif kind == "remove":
            dynamodb._remove_item(table, entry[2], entry[3])
        else:
            _append(dynamodb, (account, region, name), entry[2])
        count += 1
    return count


def _append(dynamodb: Any, scope: tuple[str, str, str], record: dict[str, Any]) -> None:
    records = dynamodb._stream_records._data.setdefault(scope, [])
    sequence = record["dynamodb"]["SequenceNumber"]
    if not records or records[-1]["dynamodb"]["SequenceNumber"] < sequence:
        records.append(record)
