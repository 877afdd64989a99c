"""Invocations run on pooled threads, which behave like a new thread per invocation."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from emulation.emulator.threads import Threads, run_reentrant

place: contextvars.ContextVar[str] = contextvars.ContextVar("place", default="nowhere")


async def test_a_thread_returns_the_result_and_keeps_the_context() -> None:
    place.set("here")
    assert await run_reentrant(lambda number: (number, place.get()), 7) == (7, "here")


async def test_an_error_is_raised_to_the_caller() -> None:
    def fail() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        await run_reentrant(fail)


async def test_work_may_wait_for_other_work_at_any_depth() -> None:
    loop = asyncio.get_running_loop()

    def deeper(depth: int) -> int:
        if not depth:
            return 0
        return 1 + asyncio.run_coroutine_threadsafe(run_reentrant(deeper, depth - 1), loop).result(20)

    assert await run_reentrant(deeper, 100) == 100


async def test_cancelling_waits_until_it_is_done() -> None:
    begun, finish, done = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        assert finish.wait(20)
        done.append(True)

    task = asyncio.create_task(run_reentrant(work))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    finish.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == [True]


def test_a_thread_serves_many_and_a_burst_leaves_few() -> None:
    threads, names, lock = Threads(kept=2), [], threading.Lock()

    def burst(count: int) -> None:
        barrier, ended = threading.Barrier(count), threading.Semaphore(0)

        def work() -> None:
            barrier.wait(20)
            with lock:
                names.append(threading.get_ident())
            ended.release()

        for _ in range(count):
            threads.run(work)
        for _ in range(count):
            assert ended.acquire(timeout=20)

    for _ in range(20):
        burst(1)
    assert len(set(names)) <= 2
    burst(8)
    assert len(threads._idle) <= 2
