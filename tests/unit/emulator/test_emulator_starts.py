"""Few environments start at once; other invocations wait for an idle environment or for their turn to start one."""

from __future__ import annotations

import asyncio

from emulation.emulator.lambdas.starts import Starts


class Pool:
    def __init__(self) -> None:
        self.idle = 0

    def has_idle(self) -> bool:
        return self.idle > 0


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_starts_beyond_the_limit_wait_for_an_idle_environment() -> None:
    starts, pool = Starts(2), Pool()
    assert await starts.permit(pool.has_idle, 30)
    assert await starts.permit(pool.has_idle, 30)
    third = asyncio.create_task(starts.permit(pool.has_idle, 30))
    await settle()
    assert not third.done()
    starts.look_again()
    await settle()
    assert not third.done()
    pool.idle = 1
    starts.look_again()
    assert await third is False


async def test_the_end_of_a_start_lets_one_of_them_start() -> None:
    starts, pool = Starts(1), Pool()
    assert await starts.permit(pool.has_idle, 30)
    waiting = [asyncio.create_task(starts.permit(pool.has_idle, 30)) for _ in range(2)]
    await settle()
    starts.ended()
    await settle()
    assert [one.done() for one in waiting] == [True, False]
    starts.ended()
    assert await waiting[1] is True


async def test_an_idle_environment_is_used_without_a_start() -> None:
    starts, pool = Starts(1), Pool()
    pool.idle = 1
    assert await starts.permit(pool.has_idle, 30) is False


async def test_a_waiter_that_times_out_may_start() -> None:
    starts, pool = Starts(1), Pool()
    assert await starts.permit(pool.has_idle, 30)
    assert await starts.permit(pool.has_idle, 0.01)


async def test_a_cancelled_waiter_uses_no_start() -> None:
    starts, pool = Starts(1), Pool()
    assert await starts.permit(pool.has_idle, 30)
    gone = asyncio.create_task(starts.permit(pool.has_idle, 30))
    await settle()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    starts.ended()
    assert await starts.permit(pool.has_idle, 30)
