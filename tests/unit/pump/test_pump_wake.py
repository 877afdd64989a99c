"""The pump learns of new records by one long poll, and polls the shards where the emulator does not support it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from emulation.guard import HELPER_HEADERS
from emulation.pump import wake as module
from emulation.pump.events import Source
from emulation.pump.wake import LONG_POLL_SECONDS, POLL_SECONDS, Wake
from tests.support.streams import TABLE

SOURCE = Source(TABLE)


class Pages:
    """A session that returns ``answers`` in turn (status and body, or an error); then its poll stays open."""

    def __init__(self, *answers: tuple[int, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []
        self.more = asyncio.Event()
        self.status = 0

    def get(
        self, url: str, params: dict[str, str], headers: Mapping[str, str], timeout: aiohttp.ClientTimeout
    ) -> Pages:
        assert url == "http://emulator/_asyncsns/records"
        assert headers == HELPER_HEADERS
        assert timeout.total is not None
        assert timeout.total > LONG_POLL_SECONDS, "the emulator answers first"
        self.asked.append(params)
        return self

    async def __aenter__(self) -> Pages:
        while not self.answers:
            self.more.clear()
            await self.more.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        self.status, self.body = answer
        return self

    async def __aexit__(self, *problem: object) -> None:
        pass

    async def json(self, content_type: str | None = "application/json") -> Any:
        assert content_type is None
        return self.body

    def answer(self, *answers: tuple[int, Any] | Exception) -> None:
        self.answers += answers
        self.more.set()


def ends(known: str, **shards: str) -> tuple[int, Any]:
    return 200, {"known": known, "ends": {f"dynamodb/posts/{shard}": end for shard, end in shards.items()}}


@pytest.fixture(autouse=True)
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The requested sleeps, without waiting for them."""
    slept: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await really(0 * seconds)

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    return slept


@pytest.fixture
async def pages() -> Pages:
    return Pages()


@pytest.fixture
async def wake(pages: Pages) -> AsyncIterator[Wake]:
    made = Wake("http://emulator", pages)  # type: ignore[arg-type]
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settled(pages: Pages, asked: int) -> None:
    async with asyncio.timeout(10):
        while len(pages.asked) < asked:  # noqa: ASYNC110 - each turn lets the poll go on
            await asyncio.sleep(0)


def waiting(wake: Wake, known: str, shard: str = "a") -> asyncio.Task[None]:
    return asyncio.create_task(wake.beyond(SOURCE, shard, known, 0))


async def test_a_shard_waits_until_its_end_moves(wake: Wake, pages: Pages) -> None:
    assert (wake.supported, wake.end(SOURCE, "a")) == (False, "")
    pages.answer(ends("1", a="10", b="20"))
    await settled(pages, 2)
    assert (wake.supported, wake.end(SOURCE, "a"), wake.end(SOURCE, "b"), wake.end(SOURCE, "c")) == (
        True,
        "10",
        "20",
        "",
    )
    task = waiting(wake, "10")
    pages.answer(ends("2", a="10", b="21"))
    await settled(pages, 3)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done(), "news of another shard"
    pages.answer(ends("3", a="11", b="21"))
    await asyncio.wait_for(task, 60)
    assert wake.end(SOURCE, "a") == "11"
    assert (
        pages.asked
        == [{"known": known, "seconds": str(LONG_POLL_SECONDS)} for known in ("", "1", "2", "3")][: len(pages.asked)]
    )


async def test_a_shard_that_already_moved_is_not_waited_for(wake: Wake, pages: Pages) -> None:
    pages.answer(ends("1", a="10"))
    await settled(pages, 2)
    await asyncio.wait_for(wake.beyond(SOURCE, "a", "9", 0), 60)


async def test_a_shard_is_polled_after_a_minute_without_a_signal(
    wake: Wake, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.answer(ends("1", a="10"))
    await settled(pages, 2)
    limits: list[float | None] = []

    async def wait_for(awaitable: Any, limit: float | None) -> None:
        awaitable.close()
        limits.append(limit)
        raise TimeoutError

    monkeypatch.setattr(module.asyncio, "wait_for", wait_for)
    await wake.beyond(SOURCE, "a", "10", 0)
    (limit,) = limits
    assert limit is not None
    assert 59 < limit <= 60


@pytest.mark.parametrize(
    "problem",
    [aiohttp.ClientConnectionError("gone"), TimeoutError(), (404, {}), (500, {"known": "1", "ends": {}})],
    ids=repr,
)
async def test_a_lost_signal_releases_the_waiters_and_is_requested_again(
    wake: Wake, pages: Pages, sleeps: list[float], problem: Any
) -> None:
    pages.answer(ends("1", a="10"))
    await settled(pages, 2)
    task = waiting(wake, "10")
    await asyncio.sleep(0)
    pages.answer(problem)
    await asyncio.wait_for(task, 60)
    assert wake.supported is False
    await settled(pages, 3)
    assert 0.5 in sleeps, "not at once"
    pages.answer(ends("2", a="11"))
    await settled(pages, 4)
    assert wake.supported


@pytest.mark.parametrize(("idle", "seconds"), [(0, POLL_SECONDS[0]), (49, POLL_SECONDS[0]), (50, POLL_SECONDS[1])])
async def test_a_quiet_shard_without_wake_ups_is_polled_less_often(
    pages: Pages, sleeps: list[float], idle: int, seconds: float
) -> None:
    await Wake("http://emulator", pages).beyond(SOURCE, "a", "", idle)  # type: ignore[arg-type]
    assert sleeps == [seconds]
