"""The rule of ``tests/unit/conftest.py``: every way of starting a process in a unit test is refused with the reason."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.no_processes import ProcessInUnitTestError

WAYS: dict[str, Callable[[], object]] = {
    "subprocess": lambda: subprocess.run([sys.executable, "-V"], check=True),
    "asyncio": lambda: asyncio.run(asyncio.create_subprocess_exec(sys.executable, "-V")),
    "fork": lambda: os.fork() or os._exit(0),
    "spawn": lambda: os.posix_spawn(sys.executable, [sys.executable, "-V"], {}),
    "shell": lambda: os.system("true"),  # noqa: S605
    "multiprocessing": lambda: multiprocessing.get_context("fork").Process(target=print).start(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_unit_test_starts_no_process(way: str) -> None:
    with pytest.raises(ProcessInUnitTestError, match="tests/contract"):
        WAYS[way]()
