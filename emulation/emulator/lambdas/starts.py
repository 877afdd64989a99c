"""Limits how many environments start at once: each start imports a whole program, and many at once would time out.

Calls beyond that wait for an environment that becomes idle, or for their turn to start one. So a burst of calls is
served by the first few environments, instead of starting one each.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable


class Starts:
    """``limit`` starts at once. For the event loop alone."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: list[asyncio.Future[None]] = []

    async def permit(self, has_idle: Callable[[], bool], seconds: float) -> bool:
        """Return when there is an idle environment (False) or one may be started (True: ``ended`` must follow).

        A call that has waited for ``seconds`` may start one in any case.
        """
        until = time.monotonic() + seconds
        while not has_idle():
            rest = until - time.monotonic()
            if self._free > 0 or rest <= 0:
                self._free -= 1
                return True
            change = asyncio.get_running_loop().create_future()
            self._waiting.append(change)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await change
        return False

    def ended(self) -> None:
        """A start has succeeded or failed."""
        self._free += 1
        self.look_again()

    def look_again(self) -> None:
        """An environment may have become idle."""
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            if not change.done():
                change.set_result(None)
