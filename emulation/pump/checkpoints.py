"""How far each shard of each mapping has been processed, kept over a ``kill -9`` of the pump.

A checkpoint is written after its records are processed, so a crash means redelivery, never loss. The previous file is
kept: if the newest is damaged, the previous one is used, and later records are delivered again.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulation import mended, power_cut
from emulation.damage import DamagedStateError

log = logging.getLogger("emulation.pump")

_VERSION = 2
#: "Everything on the stream": where a mapping with LATEST began on an empty stream.
HORIZON = ""


@dataclass
class CheckpointStore:
    """``{key: {"sequence": str, "at": Unix seconds}}`` in a JSON file with its checksum, replaced atomically."""

    file: Path
    #: Whether a power cut must leave the file whole too.
    fsync: bool = False
    #: Why they could not be written the last time; empty when they could.
    problem: str = ""
    _entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    _changed: bool = False

    @classmethod
    def open(cls, file: Path, fsync: bool = False) -> CheckpointStore:
        """Raises DamagedStateError: the file and the one before it are damaged."""
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            found = _read(file)
            if found is None and _before(file).exists():
                raise ValueError("it is missing")
        except ValueError as error:
            found = _put_right(file, error)
        return cls(file, fsync, _entries=found or {})

    def get(self, key: str) -> str | None:
        """Sequence number after which to go on, HORIZON, or None for a shard never seen."""
        entry = self._entries.get(key)
        return entry["sequence"] if entry else None

    def set(self, key: str, sequence: str, now: float) -> None:
        self._entries[key] = {"sequence": sequence, "at": now}
        self._changed = True

    def forget_unused(self, used: Iterable[str], before: float) -> None:
        """Drop checkpoints of shards that are not pumped any more and last moved earlier than ``before``."""
        keep = set(used)
        for key in [key for key, entry in self._entries.items() if key not in keep and entry["at"] < before]:
            del self._entries[key]
            self._changed = True

    def flush(self) -> None:
        """Write if anything changed. The file is whole at any moment.

        Raises:
            OSError: the disk is full or read-only. The next call tries again; after a kill before it, records are
                delivered again.
        """
        if not self._changed:
            return
        document = {"version": _VERSION, "crc32": _checksum(self._entries), "entries": self._entries}
        unfinished = self.file.with_suffix(".new")
        unfinished.write_bytes(json.dumps(document).encode())
        if self.fsync:
            power_cut.sync_file(unfinished)
        # Killed between the two there is the one before, which `open` takes.
        if self.file.exists():
            self.file.replace(_before(self.file))
        unfinished.replace(self.file)
        if self.fsync:
            power_cut.sync_folder(self.file.parent)
        self._changed = False

    def try_flush(self) -> None:
        """As ``flush``, but a write error is stored in ``problem``, and the work goes on."""
        try:
            self.flush()
        except OSError as error:
            if not self.problem:
                log.error("checkpoints cannot be written: %s; tried again until they can", error)
            self.problem = f"checkpoints cannot be written: {error}"
        else:
            self.problem = ""


def _before(file: Path) -> Path:
    return file.with_name(f"{file.stem}-before{file.suffix}")


def damage(file: Path) -> Iterator[DamagedStateError]:
    """Of the file; and of the previous one, if that is needed in its place."""
    try:
        if _read(file) is None and _before(file).exists():
            raise ValueError("it is missing")
    except ValueError as error:
        yield _refusal(file, error)
        try:
            _read(_before(file))
        except ValueError as further:
            yield _refusal(_before(file), further)


def _refusal(file: Path, problem: ValueError) -> DamagedStateError:
    return DamagedStateError(
        file, str(problem), "It says up to where streams were delivered",
        f"put back a copy of it, or remove it and {_before(file).name}: streams are read from where their mappings"
        " begin, so records may be delivered again",
    )  # fmt: skip


def _read(file: Path) -> dict[str, dict[str, Any]] | None:
    """None when it does not exist. Raises ValueError: it is damaged."""
    if not file.is_file():
        if file.exists():
            raise ValueError("expected a file, found something else")
        return None
    return _entries(json.loads(file.read_bytes()))


class UnknownCheckpointsError(ValueError):
    """The file is of an unknown version."""


def _put_right(file: Path, problem: ValueError) -> dict[str, dict[str, Any]]:
    """The entries of the previous file; the damaged one is moved aside.

    Raises:
        DamagedStateError: there is no previous file, or it is damaged too; or a newer version wrote the file.
    """
    before = _before(file)
    try:
        found = None if isinstance(problem, UnknownCheckpointsError) else _read(before)
    except ValueError:
        found = None
    if found is None:
        raise _refusal(file, problem)
    kept = f"; the damaged one is kept as {mended.set_aside(file, file.parent)}" if file.exists() else ""
    done = f"{before.name} counts{kept}. Nothing is lost: records since then are delivered again"
    log.error("%s", mended.note(file.parent, f"{file} was damaged: {problem}. {done}."))
    return found


def _entries(document: Any) -> dict[str, dict[str, Any]]:
    """The entries of a file of this version, or of the first version, which had nothing else.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(document, dict):
        raise ValueError("expected an object of checkpoints")
    entries: Any = document
    if "version" in document:
        entries = document.get("entries")
        if document["version"] != _VERSION:
            raise UnknownCheckpointsError(f"expected version {_VERSION}, found {document['version']!r}")
        if document.get("crc32") != _checksum(entries):
            raise ValueError("its checksum is wrong")
    for key, entry in entries.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("sequence"), str) or "at" not in entry:
            raise ValueError(f"expected sequence and time of {key!r}")
    return dict(entries)


def _checksum(entries: Any) -> int:
    return zlib.crc32(json.dumps(entries, sort_keys=True).encode())


@dataclass
class Progress:
    """Records taken from a shard and not yet finished, in order; lanes finish them in any order."""

    _order: deque[str] = field(default_factory=deque)
    _finished: set[str] = field(default_factory=set)

    def taken(self, sequence: str) -> None:
        self._order.append(sequence)

    def finished(self, sequences: Iterable[str]) -> str | None:
        """The new checkpoint when the oldest records are finished, else None."""
        self._finished.update(sequences)
        checkpoint = None
        while self._order and self._order[0] in self._finished:
            checkpoint = self._order.popleft()
            self._finished.discard(checkpoint)
        return checkpoint

    def __len__(self) -> int:
        return len(self._order)


def is_after(sequence: str, checkpoint: str) -> bool:
    """Whether ``sequence`` is later than ``checkpoint``; sequence numbers are whole numbers of many digits."""
    return checkpoint == HORIZON or int(sequence) > int(checkpoint)
