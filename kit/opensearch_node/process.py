"""The node as a process: start, wait until it answers, stop."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from types import TracebackType

import httpx

from kit.opensearch_node.assemble import CannotAssemble, assemble, command

_START_SECONDS = 120.0


class Node:
    """A context manager around one node.

    Args:
        home: where jars, classes, data and log are kept.
        port: HTTP port on loopback.
        data: folder of the data, ``home/data`` by default; tests give each node its own.
    """

    def __init__(self, home: Path, port: int, data: Path | None = None) -> None:
        self.home, self.port = home, port
        self.data = data or home / "data"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home / "node.log"

    def start(self) -> Node:
        """Returns once it answers. Raises CannotAssemble with the end of its log when it does not."""
        words = command(assemble(self.home), self.data, self.port)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/_cluster/health", timeout=2).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.2)
        self.stop()
        raise CannotAssemble(f"the node did not start:\n{self.log.read_text()[-1500:]}")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def wait(self) -> None:
        """Stay until it ends."""
        if self.process is not None:
            self.process.wait()

    def __enter__(self) -> Node:
        return self.start()

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.stop()
