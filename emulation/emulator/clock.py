"""Handles jumps of the wall clock, when somebody sets it or a laptop sleeps: no message or record may be lost by one.

Visibility timeouts of messages and retention of records are counted by the wall clock. When it jumps, timeouts move
with it, and records are kept longer by the seconds in which nobody could read them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from emulation.emulator import journal_file

_LOOK_SECONDS = 1.0
#: Less is the timer's lateness, or a clock that is being corrected slowly.
_LEAST_SECONDS = 2.0
#: Records that are kept longer are read, or given up, within a day of the emulator's running.
_REMEMBERED_SECONDS = 24 * 3600.0


@dataclass
class Clock:
    """How far the wall clock went beyond the time that the emulator ran."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    #: When, by ``steady``, and how many seconds.
    _missed: list[tuple[float, float]] = field(default_factory=list)
    _beyond: float | None = None

    def stood_still(self, seconds: float) -> None:
        """Note a time in which nobody could read records."""
        if seconds > 0:
            self._missed.append((self.steady(), seconds))

    def missed(self) -> float:
        """Seconds of the last day of running time in which nobody could read."""
        oldest = self.steady() - _REMEMBERED_SECONDS
        return sum(seconds for moment, seconds in self._missed if moment >= oldest)

    def jump(self) -> float:
        """Seconds that the wall clock jumped since the last look: positive forwards, 0 when it did not."""
        beyond = self.wall() - self.steady()
        before, self._beyond = self._beyond, beyond
        if before is None or abs(beyond - before) < _LEAST_SECONDS:
            return 0.0
        self.stood_still(beyond - before)
        return beyond - before

    async def follow(self, jumped: Callable[[float], None]) -> None:
        """Call ``jumped`` after each jump, until cancelled."""
        while True:
            if seconds := self.jump():
                jumped(seconds)
            await asyncio.sleep(_LOOK_SECONDS)


CLOCK = Clock()


def last_written(root: Path) -> float:
    """When the state below ``root`` was last written; now, when nothing was."""
    times = [path.stat().st_mtime for _, path in journal_file.journals(root)]
    return max(times, default=time.time())
