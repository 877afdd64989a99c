"""Template processes: one per layer, each forks execution environments on request."""

from __future__ import annotations

import array
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from emulation.emulator.lambdas import runtime

START_SECONDS = 30.0


class TemplateError(RuntimeError):
    """The template process did not start or has ended."""


class EnvironmentProcess:
    """A forked execution environment, with the part of ``subprocess.Popen`` that MiniStack's pool uses."""

    def __init__(self, pid: int, connection: socket.socket, output: int) -> None:
        self.pid = pid
        self.connection = connection
        self.output = output
        #: Printed during init; belongs to the log of the first invocation.
        self.early_output = ""
        #: Name of its stream in CloudWatch Logs.
        self.log_stream = ""
        try:
            self._handle: int | None = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
            self._gone = False
        except ProcessLookupError:
            self._handle, self._gone = None, True

    def take_early_output(self) -> str:
        output, self.early_output = self.early_output, ""
        return output

    def poll(self) -> int | None:
        """None while it runs; the status itself is not known to us, its parent is the template."""
        if not self._gone:
            self._gone = self._ended(0.0)
        return 0 if self._gone else None

    def _ended(self, seconds: float) -> bool:
        if self._handle is not None:
            watcher = select.poll()
            watcher.register(self._handle, select.POLLIN)
            return bool(watcher.poll(seconds * 1000))
        deadline = time.monotonic() + seconds
        while True:
            try:
                os.kill(self.pid, 0)
            except OSError:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)  # without pidfd (macOS) there is nothing to wait on

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if not self._gone and not self._ended(3600.0 if timeout is None else timeout):
            raise subprocess.TimeoutExpired(f"lambda {self.pid}", timeout or 0)
        self.close()
        return 0

    def terminate(self) -> None:
        """End it at once, with all it started: an idle environment has nothing to tidy up."""
        if not self._gone:
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)

    kill = terminate

    def close(self) -> None:
        """Let go of its descriptors; an idle environment ends by that."""
        self.connection.close()
        for descriptor in (self._take_output(), self._handle):
            if descriptor is not None:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        self._handle, self._gone = None, True

    def _take_output(self) -> int | None:
        output, self.output = self.output, -1
        return output if output >= 0 else None


class Template:
    """One template process; requests are answered one at a time (a fork takes about a millisecond)."""

    def __init__(
        self, environment: dict[str, str], paths: list[str], log: Path, python: str = sys.executable
    ) -> None:  # fmt: skip
        """``python`` runs the functions."""
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self.used_at = time.monotonic()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [python, "-I", "-S", runtime.__file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
            )
        theirs.close()
        runtime.send_frame(self._control, {"environment": environment, "paths": paths})
        self._ready = False

    def _await_ready(self) -> None:
        if not self._ready:
            self._control.settimeout(START_SECONDS)
            self._ready = runtime.receive_frame(self._control) is not None
        if not self._ready:
            raise TemplateError("the Lambda template process did not start")

    def warm(self) -> None:
        """Wait until its modules are loaded."""
        with self._lock:
            self._await_ready()

    def fork(self, request: dict[str, Any]) -> EnvironmentProcess:
        """A new execution environment.

        Raises:
            TemplateError: the template is gone.
        """
        ours, theirs = socket.socketpair()
        output, their_output = os.pipe()
        os.set_blocking(output, False)
        try:
            with self._lock:
                self.used_at = time.monotonic()
                self._await_ready()
                descriptors = array.array("i", [theirs.fileno(), their_output])
                self._control.sendmsg([b"F"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
                runtime.send_frame(self._control, request)
                answer = runtime.receive_frame(self._control)
        except OSError as error:
            answer = None
            raise TemplateError(f"the Lambda template process is gone: {error}") from error
        finally:
            theirs.close()
            os.close(their_output)
            if sys.exc_info()[0] is not None:
                ours.close()
                os.close(output)
        if answer is None:
            ours.close()
            os.close(output)
            raise TemplateError("the Lambda template process has ended")
        return EnvironmentProcess(answer["pid"], ours, output)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Ends it at once; its environments die with it. It has nothing to tidy up."""
        self._control.close()
        self._process.kill()
        self._process.wait()
