"""Keeps what is deployed in memory: read at start, polled cheaply, and read again at once on demand.

When the emulator is down the last known state stays: cached content is still served and API calls get 503.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from emulation.aws.upstream import UnreachableError, Upstream, UpstreamTimeoutError
from emulation.edge.apis import PARTS, Api, read_apis
from emulation.edge.distribution import Distribution
from emulation.edge.distributions import read_distributions
from emulation.edge.logs import log

POLL_SECONDS = 2.0
#: Whatever changes below these paths changes a fingerprint; each is one small GET.
_CLOUDFRONT = "/2020-05-31/"
_LISTS = ("distribution", "function", "key-group", "public-key", "cache-policy", "origin-request-policy")


class Deployed:
    """The deployed configuration, prepared for use; ``reachable`` tells whether the last read succeeded."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._fingerprint = ""
        self._lock = asyncio.Lock()
        self.apis: dict[str, Api] = {}
        self.distributions: dict[str, Distribution] = {}
        self.reachable = False
        #: The emulator is our host, which sends to WebSocket clients only what API Gateway would.
        self.exact_frames = False
        self.reads = 0
        #: Called with the distributions before and after each reading.
        self.on_change: Callable[[dict[str, Distribution], dict[str, Distribution]], None] | None = None

    def has_distribution(self, host: str) -> bool:
        """Whether a distribution is served by this name: its own or an alias."""
        return any(host == one.domain.lower() or host in one.aliases for one in self.distributions.values())

    async def poll(self) -> None:
        """Look every two seconds until cancelled; far more often while the emulator starts beside the edge."""
        while True:
            await self.refresh()
            await asyncio.sleep(POLL_SECONDS if self.reachable else 0.5 if self.reads else 0.1)

    async def refresh(self, *, force: bool = False) -> bool:
        """Read everything when something changed (or ``force``); returns whether the emulator answered."""
        async with self._lock:
            was = self.reachable
            try:
                fingerprint = await self._look()
                if force or fingerprint != self._fingerprint:
                    self.apis = await read_apis(self._upstream)
                    before = self.distributions
                    self.distributions = await read_distributions(self._upstream, before)
                    if self.on_change is not None:
                        self.on_change(before, self.distributions)
                    self.exact_frames = await self._is_our_host()
                    self._fingerprint = fingerprint
                    self.reads += 1
                    log("read", apis=sorted(self.apis), distributions=sorted(self.distributions))
                self.reachable = True
            except (UnreachableError, UpstreamTimeoutError) as error:
                self.reachable = False
                if was:
                    log("emulator-unreachable", reason=str(error))
            if self.reachable and not was:
                log("emulator-reachable")
            return self.reachable

    async def _is_our_host(self) -> bool:
        answer = await self._upstream.get_root("health", "/_health")
        return answer.status == 200 and b'"socketFrames": "aws"' in answer.body

    async def _look(self) -> str:
        digest = hashlib.sha256()
        paths = [("apigateway", "/v2/apis")]
        paths += [("apigateway", f"/v2/apis/{api_id}/{part}") for api_id in self.apis for part in PARTS]
        paths += [("cloudfront", _CLOUDFRONT + part) for part in _LISTS]
        paths += [("cloudfront", f"{_CLOUDFRONT}distribution/{d}/config") for d in self.distributions]
        paths += [("cloudfront", f"{_CLOUDFRONT}distribution/{d}/invalidation") for d in self.distributions]
        for service, path in paths:
            answer = await self._upstream.get_root(service, path)
            digest.update(path.encode() + answer.body)
            if "/config" in path:
                digest.update(answer.header(b"etag") or b"")
        return digest.hexdigest()
