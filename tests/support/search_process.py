"""The embedded search engine as a process for one test, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
_DEADLINE = 90.0


class SearchProcess:
    """``start`` returns once it answers; ``kill`` is ``kill -9``, ``stop`` is SIGTERM. State remains in ``home``.

    ``settings`` are ``EMULATION_*`` variables of this engine only.
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self._settings = settings or {}
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> SearchProcess:
        self.home.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            **self._settings,
            "EMULATION_STATE": str(self.home / "state"),
            "EMULATION_PORT_SEARCH": str(self.port),
        }
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "emulation.search"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _DEADLINE
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/_health", timeout=10).json()["status"] == "ok":
                    return self
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"search engine did not start:\n{(self.home / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(sign)
            self._process.wait(_DEADLINE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
