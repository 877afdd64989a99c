"""The wall clock may be set, and stands still while a laptop sleeps. What waits for a moment must not be lost by it.

A message is out of sight until a moment, and records are kept for so many hours, all by the wall clock. When it jumps,
moments move along with it, and records are kept for as many seconds longer: the time in which nobody could read them.
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
        """Nobody could read records for so long."""
        if seconds > 0:
            self._missed.append((self.steady(), seconds))

    def missed(self) -> float:
        """Seconds of the last day of running in which nobody could read."""
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
        """Until cancelled."""
        while True:
            if seconds := self.jump():
                jumped(seconds)
            await asyncio.sleep(_LOOK_SECONDS)


CLOCK = Clock()


def last_written(root: Path) -> float:
    """When the state below ``root`` was last written; now, when nothing was."""
    times = [path.stat().st_mtime for _, path in journal_file.journals(root)]
    return max(times, default=time.time())
