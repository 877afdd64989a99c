"""One fsync of the journal for all answers that wait for one."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from emulation.emulator.journal import Journal


@dataclass
class GroupCommit:
    """Writes that arrive during an fsync share the next one."""

    journal: Journal
    _running: asyncio.Future[None] | None = None

    async def kept(self) -> None:
        """Return when all records so far are durable.

        Raises:
            OSError: the disk is full, or did not take it.
        """
        self.journal.flush()
        mark = self.journal.written
        while self.journal.fsync and self.journal.synced < mark:
            if self._running is None:
                self._running = asyncio.ensure_future(self._sync())
            await asyncio.shield(self._running)

    async def _sync(self) -> None:
        mark, descriptor = self.journal.written, self.journal.duplicate()
        try:
            await asyncio.to_thread(os.fsync, descriptor)
            self.journal.synced = max(self.journal.synced, mark)
        finally:
            os.close(descriptor)
            self._running = None
