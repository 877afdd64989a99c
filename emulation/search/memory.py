"""Give back the memory of files that lie mapped while nobody searches: the dictionary and the inverted index.

Both are read-only shared mappings. Dropping their pages from the process costs nothing but a soft fault when they are
read again, and an idle engine weighs a third. Linux only; elsewhere nothing happens.
Source: madvise(2), MADV_DONTNEED: shared file mappings are repopulated from the file.
"""

from __future__ import annotations

import asyncio
import ctypes
import re
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

_MAPS = Path("/proc/self/maps")
_LINE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r--s \S+ \S+ [1-9]\d*\s+/")
_DONTNEED = 4
QUIET_SECONDS = 5.0


class Activity:
    """ASGI middleware that counts requests other than health checks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/_health":
            scope["app"].state.requests += 1
        await self._app(scope, receive, send)


async def release_when_quiet(state: object, quiet: float = QUIET_SECONDS) -> None:
    """Run until cancelled: after ``quiet`` seconds without a request, give mapped pages back once."""
    released = -1
    seen = 0
    while True:
        await asyncio.sleep(quiet)
        now: int = getattr(state, "requests", 0)
        if now == seen and released != now:
            await asyncio.to_thread(release_mapped_files)
            released = now
        seen = now


def release_mapped_files() -> int:
    """Drop the pages of every read-only shared file mapping; returns how many mappings."""
    if not _MAPS.exists():
        return 0
    madvise = ctypes.CDLL(None, use_errno=True).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    count = 0
    for line in _MAPS.read_text().splitlines():
        if match := _LINE.match(line):
            start, end = int(match[1], 16), int(match[2], 16)
            count += madvise(start, end - start, _DONTNEED) == 0
    return count
