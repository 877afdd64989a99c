"""Learns of new records by one long poll at the emulator host, instead of polling each shard."""

from __future__ import annotations

import asyncio
import logging

import aiohttp

from emulation.guard import HELPER_HEADERS
from emulation.pump.events import Source

log = logging.getLogger("emulation.pump")

LONG_POLL_SECONDS = 20.0
#: Records that come close together are fetched together.
GATHER_SECONDS = 0.004
#: Without a signal (another emulator) shards are asked this often: first busy, then idle.
POLL_SECONDS = (0.02, 0.2)


class Wake:
    """Ends of all streams as last heard; ``supported`` is false where the emulator has no such page."""

    def __init__(self, endpoint: str, session: aiohttp.ClientSession) -> None:
        self._url = f"{endpoint}/_asyncsns/records"
        self._session = session
        self._ends: dict[str, str] = {}
        self._known = ""
        self._news = asyncio.Event()
        self.supported = False

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                await self._poll()
                await asyncio.sleep(GATHER_SECONDS)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                self.supported = False
                self._tell()
                log.debug("no record signal: %s", error)
                await asyncio.sleep(0.5)

    async def _poll(self) -> None:
        query = {"known": self._known, "seconds": str(LONG_POLL_SECONDS)}
        timeout = aiohttp.ClientTimeout(total=LONG_POLL_SECONDS + 10)
        async with self._session.get(self._url, params=query, headers=HELPER_HEADERS, timeout=timeout) as answer:
            if answer.status != 200:
                raise ValueError(f"{self._url} answered {answer.status}")
            body = await answer.json(content_type=None)
        self.supported = True
        self._known = body["known"]
        if body["ends"] != self._ends:
            self._ends = body["ends"]
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def end(self, source: Source, shard_id: str) -> str:
        """A value that changes whenever the shard gets a record."""
        return self._ends.get(f"{source.service}/{source.name}/{shard_id}", "")

    async def beyond(self, source: Source, shard_id: str, known: str, idle_polls: int) -> None:
        """Return when the shard's end is not ``known``, or when the shard is due for a poll anyway."""
        if not self.supported:
            fast, slow = POLL_SECONDS
            await asyncio.sleep(fast if idle_polls < 50 else slow)
            return
        deadline = asyncio.get_running_loop().time() + 60.0
        while self.supported and self.end(source, shard_id) == known:
            remaining = deadline - asyncio.get_running_loop().time()
            if remaining <= 0:
                return
            try:
                await asyncio.wait_for(self._news.wait(), remaining)
            except TimeoutError:
                return
