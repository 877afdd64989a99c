"""10, 100 and 500 clients in a closed loop: their throughput and latency, and the load on the stack.

Under overload the network should keep its throughput, refuse no request and stay reachable.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import aiohttp

from kit import inspect, system
from kit.settings import Settings
from loadtests.bench.gateway import Request, Requests, Sample, level
from loadtests.bench.people import Crowd
from loadtests.bench.processor import processor_seconds, spent
from loadtests.bench.report import Figure, latency_figures, percentile

_SUITE = "crowds"
_SIZES = (10, 100, 500)
_WARM_SECONDS, _SECONDS = 5.0, 15.0
_BETWEEN_PROBES = 0.1
#: Servers whose health is polled meanwhile: all on the path of a request.
_PROBED = ("edge", "emulator")


@dataclass
class Watched:
    """Measurements of the stack during a crowd's requests."""

    health: list[float] = field(default_factory=list)
    environments: list[int] = field(default_factory=list)
    #: When the emulator started, by its own words.
    starts: set[int] = field(default_factory=set)
    unanswered: int = 0


def run(crowd: Crowd) -> list[Figure]:
    """Reads of the home timeline by ever larger crowds."""
    asked = Requests(crowd.endpoints.base_url, [account.access_token for account in crowd.accounts])
    return asyncio.run(_run(Settings.load(), asked.read))


async def _run(settings: Settings, request: Request) -> list[Figure]:
    rates: dict[int, float] = {}
    figures: list[Figure] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:
        for clients in _SIZES:
            await level(session, request, 200, clients, _WARM_SECONDS)
            watched, before, begun = Watched(), processor_seconds(), time.perf_counter()
            sample = await _while_watched(settings, watched, level(session, request, 200, clients, _SECONDS))
            rates[clients] = len(sample.latencies) / (time.perf_counter() - begun)
            used = sum(spent(before, processor_seconds()).values())
            figures += _figures(settings, clients, rates[clients], used, sample, watched)
    best = max(rates.values())
    return [
        *figures,
        *(Figure(_SUITE, f"home, {n} clients: of the best rate", r / best, "×", "≥ 0.9") for n, r in rates.items()),
    ]


async def _while_watched(settings: Settings, watched: Watched, load: Awaitable[Sample]) -> Sample:
    """Poll the health page meanwhile, over separate connections."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        probes = [asyncio.create_task(_probe(session, settings.url(name), watched)) for name in _PROBED]
        try:
            return await load
        finally:
            for probe in probes:
                probe.cancel()
            await asyncio.gather(*probes, return_exceptions=True)


async def _probe(session: aiohttp.ClientSession, url: str, watched: Watched) -> None:
    while True:
        begun = time.perf_counter()
        try:
            async with session.get(f"{url}/_health") as answer:
                told: dict[str, Any] = await answer.json()
        except (aiohttp.ClientError, TimeoutError):
            watched.unanswered += 1
        else:
            watched.health.append(time.perf_counter() - begun)
            if "lambda" in told:
                watched.environments.append(told["lambda"]["environments"])
                watched.starts.add(round(time.time() - told["uptimeSeconds"]))
        await asyncio.sleep(_BETWEEN_PROBES)


def _figures(
    settings: Settings, clients: int, rate: float, used: float, sample: Sample, watched: Watched
) -> list[Figure]:
    """``used``: seconds of processor time."""
    at = f"home, {clients} clients"
    memory = sum(inspect.memory(settings).values()) / 1024 / 1024
    health = percentile(watched.health, 0.99) * 1000
    return [
        Figure(_SUITE, f"{at}: rate", rate, "requests/s"),
        Figure(_SUITE, f"{at}: processor time", used * 1000 / len(sample.latencies), "ms/request"),
        *latency_figures(_SUITE, at, sample.latencies),
        Figure(_SUITE, f"{at}: refused", sum(sample.failed.values()), "answers", "0", str(sample.failed or "")),
        Figure(_SUITE, f"{at}: health p99", health, "ms", "≤ 100", f"{len(watched.health)} samples"),
        Figure(_SUITE, f"{at}: health without an answer", watched.unanswered, "times", "0"),
        Figure(_SUITE, f"{at}: restarts", _restarts(watched.starts), "times", "0"),
        Figure(_SUITE, f"{at}: Lambda environments", max(watched.environments, default=0), "processes"),
        Figure(_SUITE, f"{at}: all processes", memory, "MB", note=system.memory_unit()),
    ]


def _restarts(starts: set[int]) -> int:
    """How often the emulator began, from the moments of its start, which were rounded and so may differ by a second."""
    ordered = sorted(starts)
    return sum(later - earlier > 1 for earlier, later in pairwise(ordered))
