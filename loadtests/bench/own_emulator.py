"""An emulator of a suite's own, beside the running network."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator

from kit.ports import is_free
from kit.settings import checkout_root

_START_S = 60.0


@contextlib.contextmanager
def emulator_of(module: str, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process of ``module`` with an empty state and free ports, and its URL; ended after the block."""
    root = checkout_root()
    offset = next(one for one in range(9000, 20000, 37) if is_free(4566 + one))
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "EMULATION_PORT_OFFSET": str(offset),
            "EMULATION_STATE": home,
            "EMULATION_LOGS": f"{home}/logs",
            "PYTHONPATH": str(root),
            **variables,
        }
        python = root / ".asyncsns" / "venv-emulator" / "bin" / "python"
        process = subprocess.Popen([python, "-m", module], env=environment, cwd=root, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{4566 + offset}"
            _wait_for(url)
            yield process, url
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(url: str) -> None:
    until = time.monotonic() + _START_S
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_health", timeout=10):  # noqa: S310
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
