"""Limits how many functions run at once: the others wait, and get no process before their turn.

On one machine, more processes than the processors can serve only slow each other down and use memory. So an invocation
takes a slot or waits in one of two FIFO queues. Synchronous calls have priority; background work gets every fourth slot
that becomes free, and never the last ones.

Some of the slots are for functions that wait for something else than a processor: the next invocation gets one of these
when no function has ended for a tenth of a second.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum


class Caller(StrEnum):
    """Whether somebody waits for an invocation."""

    #: A client of an API, or of ``Invoke``.
    INTERACTIVE = "interactive"
    #: A queue, a stream, an asynchronous invocation.
    BACKGROUND = "background"
    #: A function, which holds a slot meanwhile: were this to wait, all slots could wait for each other.
    NESTED = "nested"


#: Set for each request; threads that no request started have the default.
caller: ContextVar[Caller] = ContextVar("caller", default=Caller.BACKGROUND)

#: Seconds that an invocation waits for a slot. API Gateway gives up an integration after 29 seconds
#: (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html); events may wait for hours on AWS.
PATIENCE = {Caller.INTERACTIVE: 29.0, Caller.BACKGROUND: 300.0, Caller.NESTED: 0.0}
#: So many interactive calls are taken before background work that waits.
_INTERACTIVE_TURNS = 3
#: Seconds without an end after which the functions that run seem to wait. Most take 5 to 50 ms.
_STALLED_S = 0.1


class Slot(str):
    """MiniStack's accounting key of an invocation, with what it holds here."""

    held_by: Caller

    def __new__(cls, key: str, held_by: Caller) -> Slot:
        made = super().__new__(cls, key)
        made.held_by = held_by
        return made


class _Turn:
    """The part of ``threading.Event`` that a queue needs, for a waiter on the event loop. Call ``set`` under the
    lock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.comes: asyncio.Future[None] | None = None
        self._is_set = False

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        if self.comes is not None:
            self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self.comes is not None and not self.comes.done():
            self.comes.set_result(None)


@dataclass
class Slots:
    """``limit`` invocations at once; a quarter of them (none of one) is kept from background work.

    ``busy`` of them (all, if it is None) get their slot at once, the others when those that run seem to wait."""

    limit: int
    busy: int | None = None
    running: dict[Caller, int] = field(default_factory=lambda: dict.fromkeys(Caller, 0))
    refused: int = 0
    _waiting: dict[Caller, deque[threading.Event | _Turn]] = field(
        default_factory=lambda: {Caller.INTERACTIVE: deque(), Caller.BACKGROUND: deque()}
    )
    _turns: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    #: When an invocation got or released a slot last.
    _moved: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    def enter(self, who: Caller, seconds: float) -> bool:
        """Take a slot, after waiting up to ``seconds`` for it when all are taken; whether there was one.

        Nested calls run at once, besides the limit: as many as there are functions that wait for them.
        """
        turn = threading.Event()
        with self._lock:
            if who is Caller.NESTED:
                self.running[who] += 1
                return True
            self._waiting[who].append(turn)
            self._admit()
        until = time.monotonic() + seconds
        while not turn.wait(max(0.0, min(until - time.monotonic(), _STALLED_S))):
            with self._lock:
                self._admit()
                if turn.is_set():
                    return True
                if time.monotonic() >= until:
                    self._waiting[who].remove(turn)
                    self.refused += 1
                    return False
        return True

    async def enter_soon(self, who: Caller, seconds: float) -> bool:
        """As ``enter``, for the event loop: nothing else waits meanwhile."""
        turn = _Turn(asyncio.get_running_loop())
        with self._lock:
            if who is Caller.NESTED:
                self.running[who] += 1
                return True
            self._waiting[who].append(turn)
            self._admit()
            if turn.is_set():
                return True
            turn.comes = turn.loop.create_future()
            self._look_later(turn.loop)
        try:
            async with asyncio.timeout(seconds):
                await turn.comes
        except TimeoutError:
            return not self._gave_up(who, turn)
        except asyncio.CancelledError:
            if not self._gave_up(who, turn):
                self.leave(who)
            raise
        return True

    def _gave_up(self, who: Caller, turn: _Turn) -> bool:
        """Take ``turn`` out of the queue; False when its slot was granted at the last moment."""
        with self._lock:
            if turn.is_set():
                return False
            self._waiting[who].remove(turn)
            self.refused += 1
            return True

    def leave(self, who: Caller) -> None:
        """Release the slot: the next in the queue gets it."""
        with self._lock:
            self.running[who] -= 1
            self._moved = time.monotonic()
            self._admit()

    def waiting(self) -> dict[str, int]:
        """How many invocations wait, by kind."""
        with self._lock:
            return {str(who): len(queue) for who, queue in self._waiting.items()}

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None and self._busy < self.limit:
            self._timer = loop.call_later(_STALLED_S, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._timer = None
            self._admit()
            if any(self._waiting.values()):
                self._look_later(loop)

    @property
    def _busy(self) -> int:
        return self.limit if self.busy is None else self.busy

    def _admit(self) -> None:
        while (who := self._next()) is not None:
            self.running[who] += 1
            self._moved = time.monotonic()
            self._turns = self._turns + 1 if who is Caller.INTERACTIVE else 0
            self._waiting[who].popleft().set()

    def _next(self) -> Caller | None:
        interactive, background = self._waiting[Caller.INTERACTIVE], self._waiting[Caller.BACKGROUND]
        in_background = self.running[Caller.BACKGROUND]
        limit = self.limit if time.monotonic() - self._moved >= _STALLED_S else self._busy
        if in_background + self.running[Caller.INTERACTIVE] >= limit:
            return None
        share = max(1, limit - max(1, limit // 4))
        if background and in_background < share and (not interactive or self._turns >= _INTERACTIVE_TURNS):
            return Caller.BACKGROUND
        return Caller.INTERACTIVE if interactive else None


def detached(work: Callable[..., None]) -> Callable[..., None]:
    """``work`` goes on by itself: its caller, a function perhaps, does not wait for what it invokes."""

    def run(*arguments: object) -> None:
        token = caller.set(Caller.BACKGROUND)
        try:
            work(*arguments)
        finally:
            caller.reset(token)

    return run
