"""Requests through the gateway with a real Lambda and DynamoDB, at 1, 8 and 32 clients."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import aiohttp

from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures

_WARM_SECONDS = 3.0
_SECONDS = 8.0


@dataclass
class Sample:
    """Latencies in seconds of successful requests; failures by status."""

    latencies: list[float] = field(default_factory=list)
    failed: dict[int, int] = field(default_factory=dict)


Request = Callable[[aiohttp.ClientSession, int], Awaitable[int]]


def run(crowd: Crowd) -> list[Figure]:
    """Timeline read and post; each level is warmed up before it counts."""
    return asyncio.run(_run(crowd))


class Requests:
    """The requests to the gateway, by each person in turn. ``tokens``: their access tokens."""

    def __init__(self, url: str, tokens: Sequence[str]) -> None:
        self._url = url
        self._tokens = tokens

    def _headers(self, number: int) -> dict[str, str]:
        return {"authorization": f"Bearer {self._tokens[number % len(self._tokens)]}"}

    async def read(self, session: aiohttp.ClientSession, number: int) -> int:
        async with session.get(f"{self._url}/v1/timelines/home", headers=self._headers(number)) as answer:
            await answer.read()
            return answer.status

    async def publish(self, session: aiohttp.ClientSession, number: int) -> int:
        body = {"clientPostId": uuid.uuid4().hex, "text": "朝の散歩 a bench post"}
        async with session.post(f"{self._url}/v1/posts", json=body, headers=self._headers(number)) as answer:
            await answer.read()
            return answer.status


async def _run(crowd: Crowd) -> list[Figure]:
    asked = Requests(crowd.endpoints.base_url, [account.access_token for account in crowd.accounts])
    figures: list[Figure] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        for name, request, good in (("home timeline read", asked.read, 200), ("post", asked.publish, 201)):
            for clients in (1, 8, 32):
                await level(session, request, good, clients, _WARM_SECONDS)
                begun = time.perf_counter()
                sample = await level(session, request, good, clients, _SECONDS)
                figures += _figures(name, clients, sample, time.perf_counter() - begun)
    return figures


async def level(session: aiohttp.ClientSession, request: Request, good: int, clients: int, seconds: float) -> Sample:
    """A closed loop of so many clients: each sends its next request when the last is answered."""
    sample = Sample()
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        while (begun := time.perf_counter()) < until:
            status = await request(session, number)
            if status == good:
                sample.latencies.append(time.perf_counter() - begun)
            else:
                sample.failed[status] = sample.failed.get(status, 0) + 1

    await asyncio.gather(*(client(number) for number in range(clients)))
    return sample


def _figures(name: str, clients: int, sample: Sample, seconds: float) -> list[Figure]:
    at = f"{name}, {clients} client{'s' if clients > 1 else ''}"
    note = f"{len(sample.latencies)} answers" + (f", failed: {sample.failed}" if sample.failed else "")
    aimed = name.startswith("home") and clients == 8
    rate = Figure(
        "gateway", f"{at}: rate", len(sample.latencies) / seconds, "requests/s", "≥ 200" if aimed else "", note
    )
    if not sample.latencies:
        return [rate]
    return [rate, *latency_figures("gateway", at, sample.latencies, "< 100" if aimed else "", note)]
