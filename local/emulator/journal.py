"""Item writes of DynamoDB, appended to a file before they are acknowledged.

A snapshot of all tables costs as much as there are items; a line costs as much as the item. So tables are written
whole only when their definition changes or the journal has grown, and a restart is snapshot plus journal. The file is
closed and a new one begun at the fork of each such snapshot, which then says with which file to go on.
"""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.emulator import seams

log = logging.getLogger("asyncsns.emulator")


@dataclass
class Journal:
    """Files ``journal-<n>.log`` below ``root``; lines are JSON, in the order of the writes."""

    root: Path
    number: int = 0
    size: int = 0
    _descriptor: int = -1
    #: Filled from several threads.
    _lines: deque[bytes] = field(default_factory=deque)

    def open(self) -> None:
        """Begin a file of our own, behind all that are there."""
        self.number = max((number for number, _ in self._files()), default=0)
        self.rotate()

    def _files(self) -> list[tuple[int, Path]]:
        files = [(int(path.stem.rpartition("-")[2]), path) for path in self.root.glob("journal-*.log")]
        return sorted(files)

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
        self._lines.append(json.dumps(entry, separators=(",", ":")).encode() + b"\n")

    def flush(self) -> None:
        """Hand all lines to the operating system: from now on they survive the end of this process."""
        if self._lines and self._descriptor >= 0:
            content = b"".join(self._lines.popleft() for _ in range(len(self._lines)))
            os.write(self._descriptor, content)
            self.size += len(content)

    def drop_before(self, number: int) -> None:
        for found, path in self._files():
            if found < number:
                path.unlink()

    def entries(self, first: int) -> Iterator[list[Any]]:
        """Lines of file ``first`` and those behind it; a line torn by a kill ends its file."""
        for number, path in self._files():
            if number < first:
                continue
            for line in path.read_bytes().split(b"\n"):
                try:
                    entry = json.loads(line) if line else None
                except ValueError:
                    log.warning("journal %s ends in a torn line", path.name)
                    break
                if entry is not None:
                    yield entry


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
