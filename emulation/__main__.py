"""``python -m emulation up``: starts the servers, says where they are, and stops them on Ctrl-C or SIGTERM.

In the foreground and without a supervisor: when one server ends, the others are stopped and the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from pathlib import Path
from typing import NoReturn

from emulation.private import keep_private
from emulation.settings import REGION, Settings

#: In order of start.
PROCESSES = ("search", "emulator", "console", "pump", "push", "webtransport", "edge")
_START_SECONDS = 90.0
_STOP_SECONDS = 20.0


class StartFailed(Exception):
    """A server did not start, or ended; the message names it and its log."""


class Servers:
    """The processes of one run, and their logs."""

    def __init__(self, environment: dict[str, str], emulator_python: str) -> None:
        self._environment = environment
        self._settings = Settings(environment)
        self._python = {"emulator": emulator_python}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start one and wait until it answers.

        Raises:
            StartFailed: its port is taken, it ended, or did not answer in time.
        """
        health = f"{self._settings.url(name)}/_health"
        if _answers(health):
            raise StartFailed(f"{name}: expected nothing at {self._settings.url(name)}, found another server")
        self._settings.logs.mkdir(parents=True, exist_ok=True)
        command = [self._python.get(name, sys.executable), "-m", f"emulation.{name}"]
        with self._log(name).open("ab") as log:
            process = subprocess.Popen(
                command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._running[name] = process
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(health):
            if process.poll() is not None or time.monotonic() > deadline:
                raise StartFailed(f"{name} does not start: see {self._log(name)}")
            time.sleep(0.1)

    def wait(self) -> NoReturn:
        """Wait until a server ends.

        Raises:
            StartFailed: always; the message says which.
        """
        while True:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise StartFailed(f"{name} ended with exit code {process.returncode}: see {self._log(name)}")
            time.sleep(0.5)

    def stop(self) -> None:
        """Last started, first stopped."""
        for process in reversed(self._running.values()):
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _log(self, name: str) -> Path:
        return self._settings.logs / f"{name}.log"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
            return True
    except (OSError, urllib.error.URLError):
        return False


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulation", description=__doc__)
    up = parser.add_subparsers(dest="command", required=True).add_parser("up", help="start the servers")
    up.add_argument("--state", help="folder of the state (EMULATION_STATE)")
    up.add_argument("--logs", help="folder of the logs (EMULATION_LOGS)")
    up.add_argument("--port-offset", help="added to every port (EMULATION_PORT_OFFSET)")
    up.add_argument("--only", default=",".join(PROCESSES), help="servers to start, comma separated (default: all)")
    up.add_argument("--emulator-python", default=sys.executable, help="a Python with requirements/emulator.txt")
    return parser.parse_args(arguments)


def _environment(options: argparse.Namespace) -> dict[str, str]:
    given = {"STATE": options.state, "LOGS": options.logs, "PORT_OFFSET": options.port_offset}
    return {**os.environ, **{f"EMULATION_{name}": value for name, value in given.items() if value}}


def _interrupt(number: int, frame: types.FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 after Ctrl-C or SIGTERM, 1 when a server ended, 2 for an unknown server."""
    keep_private()
    options = _arguments(arguments)
    names = [name for name in PROCESSES if name in options.only.split(",")]
    if unknown := set(options.only.split(",")) - set(PROCESSES):
        print(f"--only: expected some of {', '.join(PROCESSES)}, got {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    environment = _environment(options)
    signal.signal(signal.SIGTERM, _interrupt)
    servers = Servers(environment, options.emulator_python)
    try:
        for name in names:
            servers.start(name)
            print(f"{name}: {Settings(environment).public_url(name)}", flush=True)
        print(f"AWS_ENDPOINT_URL={Settings(environment).url('emulator')} AWS_REGION={REGION}", end=" ")
        keys = Settings(environment).credentials
        print(f"AWS_ACCESS_KEY_ID={keys.access_key_id} AWS_SECRET_ACCESS_KEY={keys.secret_access_key}", flush=True)
        servers.wait()
    except StartFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        servers.stop()


if __name__ == "__main__":
    sys.exit(main())
