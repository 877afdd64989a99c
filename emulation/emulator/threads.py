"""Reuses threads that run invocations.

MiniStack starts a thread per invocation, on its event loop, and a start returns when the new thread has run for the
first time: on a busy machine this blocks the loop, and with it every other response.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Awaitable, Callable
from queue import SimpleQueue
from typing import Any

from emulation.emulator import seams

#: Threads that may wait for work; what a burst needed beyond that ends with its work.
_KEPT = 64

Work = Callable[[], None]


class Threads:
    """As many as there is work, never a bound: an invocation may wait for another one."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._idle: list[SimpleQueue[Work]] = []

    def run(self, work: Work) -> None:
        """Begin ``work``, which must not raise."""
        try:
            inbox = self._idle.pop()
        except IndexError:
            inbox = SimpleQueue()
            threading.Thread(target=self._serve, args=(inbox,), name="invocation", daemon=True).start()
        inbox.put(work)

    def _serve(self, inbox: SimpleQueue[Work]) -> None:
        while True:
            inbox.get()()
            if len(self._idle) >= self._kept:
                return
            self._idle.append(inbox)


_threads = Threads()
_direct: dict[Callable[..., Any], Callable[..., Awaitable[Any]]] = {}


def keep_for_the_next() -> None:
    """Must run before MiniStack's services are imported: they bind the function by name."""
    seams.module("core.concurrency").run_reentrant = run_reentrant


def run_on_loop(fn: Callable[..., Any], directly: Callable[..., Awaitable[Any]]) -> None:
    """From now on ``directly`` runs in place of ``fn``, without a thread; unless it answers None."""
    _direct[fn] = directly


async def run_reentrant(fn: Callable[..., Any], *args: Any, thread_name: str = "") -> Any:
    """Run ``fn`` in the caller's context; returns its result. Cancelling waits until it is done, then cancels."""
    directly = _direct.get(fn)
    if directly is not None and (done := await directly(*args)) is not None:
        return done
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def deliver(result: Any, error: BaseException | None) -> None:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(fn, *args)
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(deliver, result, error)

    _threads.run(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({future})
        future.exception()
        raise
