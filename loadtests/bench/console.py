"""Load times of the console's pages under traffic, and their effect on that traffic."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import aiohttp

from emulation.guard import HELPER_HEADERS
from kit.settings import Settings
from loadtests.bench.gateway import Requests, level
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures, percentile

_SUITE: Final = "console"
_CLIENTS, _SECONDS, _ROUNDS = 8, 10.0, 8
#: The requests of the views, by their names.
_PAGES: Final = {
    "traces": "/api/traces", "service map": "/api/map", "logs": "/api/logs/search", "metrics": "/api/dashboards",
    "alarms": "/api/alarms", "queues": "/api/queues", "tables": "/api/tables", "streams": "/api/streams",
    "sockets": "/api/sockets", "pushes": "/api/pushes",
}  # fmt: skip


def run(crowd: Crowd) -> list[Figure]:
    """Each page several times while eight clients read their home timelines; and those reads with and without it."""
    return asyncio.run(_run(crowd))


async def _run(crowd: Crowd) -> list[Figure]:
    asked = Requests(crowd.endpoints.base_url, [account.access_token for account in crowd.accounts])
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        await level(session, asked.read, 200, _CLIENTS, 3.0)
        alone = await level(session, asked.read, 200, _CLIENTS, _SECONDS)
        watching = asyncio.create_task(_watch(session))
        watched = await level(session, asked.read, 200, _CLIENTS, _SECONDS)
        taken = await watching
    note = f"{_ROUNDS} times, one after the other, beside {_CLIENTS} clients"
    figures = [one for name, times in taken.items() for one in latency_figures(_SUITE, name, times, note=note)[:2]]
    for name, sample in (("alone", alone), ("while the console is watched", watched)):
        p95 = percentile(sample.latencies, 0.95) * 1000
        figures.append(Figure(_SUITE, f"home read p95, {name}", p95, "ms", note=f"{len(sample.latencies)} answers"))
    return figures


async def _watch(session: aiohttp.ClientSession) -> dict[str, list[float]]:
    """Seconds of each page."""
    url = Settings.load().url("console")
    taken: dict[str, list[float]] = {name: [] for name in _PAGES}
    for _ in range(_ROUNDS):
        for name, path in _PAGES.items():
            begun = time.perf_counter()
            async with session.get(url + path, headers=HELPER_HEADERS) as answer:
                await answer.read()
                answer.raise_for_status()
            taken[name].append(time.perf_counter() - begun)
    return taken
