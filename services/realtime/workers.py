"""The threads that wait for the network: one pool per execution environment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

#: Concurrent requests. A hanging device holds one for the timeout of a post, once.
WORKERS = 32


@cache
def pool() -> ThreadPoolExecutor:
    """Work that is submitted must not itself wait for work of this pool."""
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="devices")
