"""Starts a real emulator host on a free port with its own state."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from emulation.settings import DEFAULT_CREDENTIALS, REGION

ROOT = Path(__file__).parents[2]
#: The base ports of the emulator, the edge, the pump and the search engine.
_PORTS = (4566, 8080, 8081, 8084, 8443, 9200)


def free_offset(base: int = 4566) -> int:
    """A port offset at which ``base`` is free, outside the ephemeral port range."""
    for _ in range(50):
        offset = random.randint(8_000, 23_000)
        if all(_free(port + offset) for port in (base, *_PORTS)):
            return offset
    raise RuntimeError("no free port found")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_until(condition: Any, seconds: float, what: str, log: Any = str) -> Any:
    """The first truthy value of ``condition()``; at the deadline fails with ``what``, the last value and the log."""
    deadline = time.monotonic() + seconds
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = condition()
        except Exception as error:
            last = error
        else:
            if last:
                return last
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}; last seen: {last!r}\n{log()}")


def _get(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
        return dict(json.loads(answer.read()))


@dataclass
class EmulatorProcess:
    """One emulator host; ``home`` is a directory in place of a checkout's state."""

    home: Path
    offset: int = field(default_factory=free_offset)
    #: Origins that may send requests besides the UI at this offset.
    pages: tuple[str, ...] = ()
    #: This emulator's ``EMULATION_*`` settings.
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    pump: subprocess.Popen[bytes] | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{4566 + self.offset}"

    def environment(self) -> dict[str, str]:
        return (
            os.environ
            | self.settings
            | {
                "EMULATION_PORT_OFFSET": str(self.offset),
                "EMULATION_STATE": str(self.home),
                "EMULATION_LOGS": str(self.home / "logs"),
                "EMULATION_ALLOWED_ORIGINS": ",".join(self.pages),
                "PYTHONPATH": str(ROOT),
            }
        )

    def start(self) -> EmulatorProcess:
        python = ROOT / ".asyncsns" / "venv-emulator" / "bin" / "python"
        self.process = self._spawn(str(python), "emulator")
        wait_until(lambda: self.health()["status"] == "ok", 60, f"emulator on {self.url}", self.log)
        return self

    def _spawn(self, python: str, name: str) -> subprocess.Popen[bytes]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [python, "-m", f"emulation.{name}"],
                env=self.environment(), stdout=log, stderr=log, cwd=ROOT,
            )  # fmt: skip

    def start_pump(self) -> None:
        """Start this emulator's stream pump, with the Python that runs the tests."""
        self.pump = self._spawn(sys.executable, "pump")
        wait_until(lambda: self.pump_health()["status"] == "ok", 60, "pump", lambda: self.log("pump"))

    def kill_pump(self) -> None:
        assert self.pump is not None
        self.pump.kill()
        self.pump.wait(60)

    def health(self) -> dict[str, Any]:
        return _get(f"{self.url}/_health")

    def pump_health(self) -> dict[str, Any]:
        return _get(f"http://127.0.0.1:{8084 + self.offset}/_health")

    def log(self, name: str = "emulator") -> str:
        return (self.home / f"{name}.log").read_text()[-4000:]

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def stop(self) -> int:
        """Send SIGTERM to both; returns the emulator's exit status."""
        if self.pump is not None:
            self.pump.terminate()
            self.pump.wait(60)
            self.pump = None
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def client(self, service: str, endpoint_override: str | None = None) -> Any:
        if endpoint_override:
            return self._new_client(service, endpoint_override)
        if service not in self._clients:
            self._clients[service] = self._new_client(service, self.url)
        return self._clients[service]

    def _new_client(self, service: str, endpoint: str) -> Any:
        return boto3.client(
            service, endpoint_url=endpoint, region_name=REGION,
            **DEFAULT_CREDENTIALS.for_boto3(),
            config=Config(
                retries={"max_attempts": 1}, s3={"addressing_style": "path"},
                read_timeout=60, max_pool_connections=50,
            ),
        )  # fmt: skip
