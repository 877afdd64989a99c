"""Bounds how many requests that invoke functions are handled at once; the others wait, at no cost.

The event loop takes turns between all active requests. With hundreds of them a turn takes seconds, and so does every
response, including health checks and the table that a function waits for.
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
    """Admits ``most`` requests, in order of arrival."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)
        self.waiting = 0

    async def enter(self) -> bool:
        """False when the wait times out; otherwise ``leave`` must follow."""
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
