"""Appends changes of state to a file before they are acknowledged; ``journalled`` defines which changes.

The cost of a snapshot grows with the service's data, that of a row with the change. So these services are written whole
only when their settings change or the journal has grown, and a restart reads snapshot plus journal. At the fork of each
such snapshot the file is closed and a new one started; the snapshot names the file to continue with. ``journal_file``
defines the format; ``integrity`` has checked the files before they are read here.

A row is appended after its change. So at the fork a change is in the snapshot, in the new file, or in both, and replay
must be idempotent.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulation.emulator import journal_file
from emulation.power_cut import sync_folder

log = logging.getLogger("emulation.emulator")


@dataclass
class Journal:
    """Files ``journal-<n>.log`` below ``root``, records in the order of the writes."""

    root: Path
    number: int = 0
    size: int = 0
    #: Whether files are on the disk, not only with the system, before a new one begins; ``group_commit`` does the rest.
    fsync: bool = False
    #: Bytes of all files that the system has, and that are on the disk.
    written: int = 0
    synced: int = 0
    _descriptor: int = -1
    #: Filled from several threads.
    _records: deque[bytes] = field(default_factory=deque)

    def open(self) -> None:
        """Begin a file of our own, behind all that are there."""
        self.number = max((number for number, _ in journal_file.journals(self.root)), default=0)
        self.rotate()

    def rotate(self) -> int:
        """Begin the next file; its number is what a snapshot taken now goes on with."""
        self.flush()
        if self._descriptor >= 0:
            if self.fsync:
                os.fsync(self._descriptor)
                self.synced = self.written
            os.close(self._descriptor)
        self.number += 1
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self.root / f"journal-{self.number}.log", flags, 0o600)
        self.size = 0
        if self.fsync:
            sync_folder(self.root)
        return self.number

    def duplicate(self) -> int:
        """A descriptor of the present file, the caller's to close."""
        return os.dup(self._descriptor)

    def add(self, entry: list[Any]) -> None:
        """Record a change; the next ``flush`` writes it."""
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
        """Write all of it or, on an error, nothing: a partial record before others would be damage."""
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(content)
        self.written += len(content)

    def drop_before(self, number: int) -> None:
        for found, path in journal_file.journals(self.root):
            if found < number:
                path.unlink()

    def entries(self, first: int) -> Iterator[list[Any]]:
        """Records of file ``first`` and those behind it. An unacknowledged record that a kill cut off is removed."""
        for number, path in journal_file.journals(self.root):
            if number < first:
                continue
            contents = journal_file.decode(path.read_bytes())
            yield from contents.entries
            if contents.torn:
                log.warning("%s: the last record was cut off by a kill; it is removed", path.name)
                os.truncate(path, contents.whole)
