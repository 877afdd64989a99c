"""Debian's redis-server (or valkey-server) for tests: on its own Unix socket, without persistence."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.emulator_process import wait_until


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a running server; skips the test when the program is not installed."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("no redis-server on PATH (Debian and Ubuntu: apt-get install redis-server)")
    path = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen([program, *options], stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until(path.exists, 60, "redis-server", lambda: (folder / "redis.log").read_text())
            yield f"unix://{path}"
        finally:
            process.terminate()
            process.wait(10)
