"""Runs a program and ends it with all its descendants, including those that left its session.

LocalStack starts DynamoDB's and Kinesis's servers in sessions of their own: a signal to its group does not reach them,
so they would outlive it.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

import psutil

_LOOK_SECONDS = 0.5


class Family:
    """A process and its descendants, polled because they cannot be found after the process has died."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(command, env=dict(environment))
        self._known: set[psutil.Process] = {psutil.Process(self._process.pid)}
        self._stopping = False

    def run(self) -> int:
        """Run until the program ends or SIGTERM or SIGINT arrives; returns its exit code, 0 after a signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return self._process.wait(_LOOK_SECONDS)
                self._look()
            return 0
        finally:
            self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self._known.update(psutil.Process(self._process.pid).children(recursive=True))

    def _end(self) -> None:
        """Kill it: LocalStack has no state to save, and may wait for its own threads without end."""
        with contextlib.suppress(psutil.NoSuchProcess):
            # Suspended first: otherwise it would restart DynamoDB's server, which ends before it does.
            psutil.Process(self._process.pid).suspend()
        self._look()
        for one in self._known:
            # psutil knows when a process began, and leaves another one of the same number alone.
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self._process.wait()
