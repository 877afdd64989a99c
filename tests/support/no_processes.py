"""Unit tests start no process: an attempt is refused with a message that says where such a test belongs.

Python's audit events report every way to start one: https://docs.python.org/3.11/library/audit_events.html
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "os.system"})
_refusing = False
_installed = False


class ProcessInUnitTestError(BaseException):
    """Not an ``Exception``: code that catches every error of a program that it starts must not catch this one."""


@contextmanager
def refused() -> Iterator[None]:
    """Inside this block, Python refuses to start processes."""
    global _refusing
    _install()
    before, _refusing = _refusing, True
    try:
        yield
    finally:
        _refusing = before


def _install() -> None:
    """Install one audit hook, which stays until Python exits."""
    global _installed
    if not _installed:
        sys.addaudithook(_judge)
        _installed = True


def _judge(event: str, arguments: tuple[Any, ...]) -> None:
    if _refusing and event in STARTS:
        raise ProcessInUnitTestError(
            f"a unit test started a process: {event} {arguments!r:.200}. "
            "Tests in tests/unit start none: move this one to tests/contract, or hand the code a fake."
        )
