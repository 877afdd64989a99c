"""How far each shard of each mapping has been processed, kept over a ``kill -9`` of the pump.

A checkpoint is written after the work it stands for, so a crash means redelivery, never loss.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: "Everything on the stream": where a mapping with LATEST began on an empty stream.
HORIZON = ""


@dataclass
class CheckpointStore:
    """A JSON file ``{key: {"sequence": str, "at": Unix seconds}}``, replaced atomically."""

    file: Path
    _entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    _changed: bool = False

    @classmethod
    def open(cls, file: Path) -> CheckpointStore:
        file.parent.mkdir(parents=True, exist_ok=True)
        return cls(file, json.loads(file.read_text()) if file.exists() else {})

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
        temporary.write_text(json.dumps(self._entries))
        temporary.replace(self.file)


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
