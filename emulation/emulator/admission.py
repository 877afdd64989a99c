"""How many requests that invoke functions are worked on at once; the others wait outside, at no cost.

The event loop takes turns between all requests it works on. With hundreds of them a turn takes seconds, and so does
every answer, also that of a health check or of the table that a function waits for.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from time import monotonic

from emulation.emulator.slots import PATIENCE, Caller

#: When the request of this context came, on the monotonic clock: waiting outside counts as waiting for a slot.
arrived: ContextVar[float] = ContextVar("arrived")
#: Answered where patience ends: what AWS says where an account has no concurrency left.
REFUSAL = {
    "__type": "TooManyRequestsException",
    "Reason": "ConcurrentInvocationLimitExceeded",
    "message": f"Rate Exceeded: no execution environment became free in {PATIENCE[Caller.INTERACTIVE]:.0f} seconds",
}


def patience_left(who: Caller) -> float:
    """Seconds that the invocation of this context may still wait."""
    waited = monotonic() - arrived.get(monotonic())
    return max(0.0, PATIENCE[who] - waited)


class Admission:
    """Lets ``most`` in, first come, first served."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)
        self.waiting = 0

    async def enter(self) -> bool:
        """False when patience ends first; else ``leave`` must follow."""
        arrived.set(monotonic())
        self.waiting += 1
        try:
            async with asyncio.timeout(PATIENCE[Caller.INTERACTIVE]):
                await self._free.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
        return True

    def leave(self) -> None:
        self._free.release()


def invokes(path: str) -> bool:
    """Whether a function answers this request."""
    if path.startswith("/_aws/execute-api/"):
        return "/@connections/" not in path
    return path.endswith("/invocations")
