"""Sequence numbers that only grow, independent of the clock.

MiniStack derives them from the clock. After a clock was set back, new records had lower numbers than readers had seen,
and the readers skipped them. Here each number is the previous one plus one; the clock only gives the first, so that a
new state does not repeat the numbers of an old one. They have MiniStack's 30 digits, so they compare as text too.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from emulation.emulator import seams

#: MiniStack's numbers are milliseconds and, in ten digits, a counter.
_PER_MILLISECOND = 10**10


class Sequence:
    """The numbers of one service."""

    def __init__(self) -> None:
        self.last = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        with self._lock:
            self.last = self.last + 1 if self.last else int(time.time() * 1000) * _PER_MILLISECOND
            return f"{self.last:030d}"

    def seen(self, number: str | int) -> None:
        """Continue after ``number``, which was given before."""
        with self._lock:
            self.last = max(self.last, int(number))


ITEMS, RECORDS = Sequence(), Sequence()


def only_grow() -> None:
    """Give DynamoDB Streams and Kinesis their numbers."""
    seams.module("services.dynamodb")._next_stream_seq = ITEMS.next
    seams.module("services.kinesis")._next_sequence_number = RECORDS.next


def get_state() -> dict[str, Any]:
    return {"dynamodb": ITEMS.last, "kinesis": RECORDS.last}


def restore(state: dict[str, Any] | None) -> None:
    ITEMS.seen((state or {}).get("dynamodb", 0))
    RECORDS.seen((state or {}).get("kinesis", 0))
