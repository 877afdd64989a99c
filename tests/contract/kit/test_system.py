"""Memory of processes that fork."""

from __future__ import annotations

import os

from kit import system


def test_forks_of_this_process_are_not_counted_twice() -> None:
    """With real processes: pages shared by forks count in every RSS, but once in the sum of PSS."""
    if system.memory_unit() != "PSS":
        return
    ballast = b"x" * 50_000_000
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writable)
        os.read(readable, 1)
        os._exit(0)
    try:
        both = system.memory_of([os.getpid()])[os.getpid()]
    finally:
        os.close(writable)
        os.close(readable)
        os.waitpid(child, 0)
    alone = system.memory_of([os.getpid()])[os.getpid()]
    assert len(ballast) == 50_000_000
    assert both < alone + 40_000_000
