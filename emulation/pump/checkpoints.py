"""How far each shard of each mapping has been processed, kept over a ``kill -9`` of the pump.

A checkpoint is written after the work it stands for, so a crash means redelivery, never loss.
"""

from __future__ import annotations

import json
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulation.damage import DamagedStateError

_VERSION = 2
#: "Everything on the stream": where a mapping with LATEST began on an empty stream.
HORIZON = ""


@dataclass
class CheckpointStore:
    """``{key: {"sequence": str, "at": Unix seconds}}`` in a JSON file with its checksum, replaced atomically."""

    file: Path
    _entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    _changed: bool = False

    @classmethod
    def open(cls, file: Path) -> CheckpointStore:
        """Raises DamagedStateError: the file is not what was written."""
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            return cls(file, _entries(json.loads(file.read_bytes())) if file.exists() else {})
        except ValueError as error:
            raise DamagedStateError(
                file, str(error), "It says up to where streams were delivered",
                "put back a copy of it, or remove it: streams are read from where their mappings begin, so records may"
                " be delivered again",
            ) from None  # fmt: skip

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
        """Write if anything changed. The file is whole at any moment."""
        if not self._changed:
            return
        self._changed = False
        temporary = self.file.with_suffix(".new")
        document = {"version": _VERSION, "crc32": _checksum(self._entries), "entries": self._entries}
        temporary.write_text(json.dumps(document))
        temporary.replace(self.file)


def _entries(document: Any) -> dict[str, dict[str, Any]]:
    """Of a file of this version, or of the first: that one is the entries themselves.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(document, dict):
        raise ValueError("expected an object of checkpoints")
    entries: Any = document
    if "version" in document:
        entries = document.get("entries")
        if document["version"] != _VERSION:
            raise ValueError(f"expected version {_VERSION}, found {document['version']!r}")
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
