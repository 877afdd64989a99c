"""Template processes: one per layer, each forks execution environments on request.

A template may keep them when this process is killed (``Keeping``): the next one takes both over, so that nothing has to
be imported again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from emulation.emulator.lambdas import runtime

START_SECONDS = 30.0
#: A template that was left answers within this time, or is given up.
_ANSWER_SECONDS = 5.0


class TemplateError(RuntimeError):
    """The template process did not start or has ended."""


class _Process(Protocol):
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Relative:
    """A process that is no child of ours."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._handle: int | None = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
            self._gone = False
        except ProcessLookupError:
            self._handle, self._gone = None, True

    def poll(self) -> int | None:
        """None while it runs; the status itself is not known to us."""
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
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        self.close()
        return 0

    def kill(self) -> None:
        if self.poll() is None:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let go of its handle."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
        self._handle, self._gone = None, True


class EnvironmentProcess(Relative):
    """A forked execution environment, with the part of ``subprocess.Popen`` that MiniStack's pool uses."""

    def __init__(self, pid: int, connection: socket.socket, output: int) -> None:
        super().__init__(pid)
        self.connection = connection
        self.output = output
        #: Printed during init; belongs to the log of the first invocation.
        self.early_output = ""
        #: Name of its stream in CloudWatch Logs.
        self.log_stream = ""

    def take_early_output(self) -> str:
        output, self.early_output = self.early_output, ""
        return output

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
        if (output := self._take_output()) is not None:
            with contextlib.suppress(OSError):
                os.close(output)
        super().close()

    def _take_output(self) -> int | None:
        output, self.output = self.output, -1
        return output if output >= 0 else None


@dataclass(frozen=True)
class Keeping:
    """Environments outlive a killed host: for ``seconds``, or until the next host connects to ``socket``."""

    socket: Path
    seconds: float

    def described(self) -> dict[str, Any]:
        return {"socket": str(self.socket), "seconds": self.seconds}


@dataclass(frozen=True)
class Left:
    """An environment that an earlier host started, by this request."""

    request: dict[str, Any]
    process: EnvironmentProcess


class Template:
    """One template process; requests are answered one at a time (a fork takes about a millisecond)."""

    def __init__(
        self, environment: dict[str, str], paths: list[str], log: Path, python: str = sys.executable,
        keeping: Keeping | None = None,
    ) -> None:  # fmt: skip
        """``python`` runs the functions."""
        self._lock = threading.Lock()
        self._keeping = keeping
        self.used_at = time.monotonic()
        first = _first(environment, paths, keeping)
        taken = _taken_over(first, keeping) if keeping is not None else None
        #: Whether it was started by an earlier host.
        self.is_left = taken is not None
        self._ready = self.is_left
        self._process: _Process
        if taken is not None:
            self._process, self._control = taken
            return
        self._control, theirs = socket.socketpair()
        listener = _listening(keeping.socket) if keeping is not None else None
        passed = [one.fileno() for one in (theirs, listener) if one is not None]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [python, "-I", "-S", runtime.__file__, *map(str, passed)],
                pass_fds=passed,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
                # Who ends our session ends what cannot do without us.
                start_new_session=keeping is not None,
            )
        for one in (theirs, listener):
            if one is not None:
                one.close()
        runtime.send_frame(self._control, first)

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
        passed = [theirs.fileno(), their_output, *([ours.fileno(), output] if self._keeping is not None else [])]
        try:
            with self._lock:
                self.used_at = time.monotonic()
                self._await_ready()
                runtime.send_request(self._control, runtime.FORK, request, passed)
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

    def left(self) -> Iterator[Left]:
        """The environments that an earlier host had; they may still work on what that one gave them.

        Raises:
            TemplateError: the template is gone.
        """
        try:
            with self._lock:
                runtime.send_request(self._control, runtime.LEFT, {}, [])
                head = runtime.receive_frame(self._control) or {}
                found = [runtime.receive_request(self._control) for _ in range(head.get("left", 0))]
        except OSError as error:
            raise TemplateError(f"the Lambda template process is gone: {error}") from error
        for _, told, descriptors in found:
            if told is None:
                raise TemplateError("the Lambda template process has ended")
            connection, output = descriptors
            yield Left(told["request"], EnvironmentProcess(told["pid"], socket.socket(fileno=connection), output))

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Ends it at once; its environments die with it. It has nothing to tidy up."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        if self._keeping is not None:
            self._keeping.socket.unlink(missing_ok=True)


@functools.cache
def _program() -> str:
    """Another version of the program inside an environment is another template."""
    return hashlib.sha256(Path(runtime.__file__).read_bytes()).hexdigest()


def _first(environment: dict[str, str], paths: list[str], keeping: Keeping | None) -> dict[str, Any]:
    described = {"keeping": keeping.described(), "program": _program()} if keeping is not None else {}
    return {"environment": environment, "paths": paths, **described}


def _listening(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def _taken_over(first: dict[str, Any], keeping: Keeping) -> tuple[Relative, socket.socket] | None:
    """The same template, left by a host that was killed, and the connection to it; one that differs ends."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_ANSWER_SECONDS)
    try:
        connection.connect(str(keeping.socket))
        runtime.send_frame(connection, {"first": first})
        answer = runtime.receive_frame(connection)
    except (OSError, ValueError):
        answer = None
    if answer is None or not answer["same"]:
        connection.close()
        return None
    connection.settimeout(START_SECONDS)
    return Relative(answer["pid"]), connection


def ask_left(folder: Path, ask: str) -> list[int]:
    """Pids of the templates whose sockets are in ``folder``.

    ``ask``: ``pid``, or ``end``: then they end, and all that they forked, before this returns.
    """
    found = []
    for path in sorted(folder.glob("*.sock")):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_ANSWER_SECONDS)
            try:
                connection.connect(str(path))
                runtime.send_frame(connection, {"ask": ask})
                answer = runtime.receive_frame(connection)
            except (OSError, ValueError):
                continue
            if answer is not None:
                found.append(int(answer["pid"]))
    if ask == "end":
        for pid in found:
            with contextlib.suppress(subprocess.TimeoutExpired):
                Relative(pid).wait(_ANSWER_SECONDS)
    return found
