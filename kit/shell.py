"""Runs a program, logs its output to a file, and shows the end of it when it fails."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from kit import locks

_TAIL_LINES = 30
_CHILD = Path(__file__).with_name("child.py")
#: Between SIGTERM and SIGKILL: npm goes on for 20 s after the first.
_STOP_SECONDS = 2.0
_running: set[subprocess.Popen[str]] = set()
_running_lock = threading.Lock()
_is_stopping = False


class CommandFailed(Exception):
    """A program ended with another code than 0; the message holds the end of its output."""

    def __init__(self, command: Sequence[str], code: int, log: Path, tail: str) -> None:
        super().__init__(f"{Path(command[0]).name} ended with code {code}; whole output: {log}\n{tail}")


def base_environment() -> dict[str, str]:
    """The caller's environment without settings of other AWS accounts and virtual environments."""
    leaking = (
        "AWS_",
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONDONTWRITEBYTECODE",
        "CDK_",
        "UV_PROJECT",
        "MAKE",
        "MFLAGS",
    )
    kept_aws = ("AWS_CA_BUNDLE",)
    return {k: v for k, v in os.environ.items() if k in kept_aws or not k.startswith(leaking)}


class Stopping(Exception):
    """Another step failed, or a person pressed Ctrl-C: no further program starts."""


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    log: Path,
    env: Mapping[str, str] | None = None,
    umask: int = -1,
    told: Callable[[str], None] = lambda line: None,
) -> str:
    """Run to the end; output goes to ``log`` (appended) and is returned. The program never outlives this process.

    ``umask`` -1: that of this process. ``told`` gets each line of the output as it comes.

    Raises:
        CommandFailed: the exit code was not 0.
        Stopping: see ``ended_on_failure``.
    """
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    with log.open("a", encoding="utf-8") as sink:
        sink.write(f"$ {' '.join(words)}\n")
        sink.flush()
        with _started(words, cwd, dict(env) if env is not None else base_environment(), umask) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                sink.write(line)
                sink.flush()
                told(line)
            code = process.wait()
    if code != 0:
        raise CommandFailed(words, code, log, "".join(lines[-_TAIL_LINES:]).rstrip())
    return "".join(lines)


@contextlib.contextmanager
def _started(words: list[str], cwd: Path, env: dict[str, str], umask: int) -> Iterator[subprocess.Popen[str]]:
    """The program below ``child.py``, in a session of its own. It holds the command's lock for as long as it lives."""
    theirs, ours = os.pipe()
    try:
        with _running_lock:
            check_stopping()
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_CHILD), str(theirs), *words],
                cwd=cwd,
                env=env,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs, *locks.held_descriptors()),
                start_new_session=True,
                umask=umask,
            )
            _running.add(process)
        try:
            yield process
        finally:
            with _running_lock:
                _running.discard(process)
    finally:
        os.close(theirs)
        os.close(ours)


@contextlib.contextmanager
def ended_on_failure() -> Iterator[None]:
    """When the block fails, programs of ``run`` are ended, and none starts before the next such block."""
    global _is_stopping
    _is_stopping = False
    try:
        yield
    except BaseException:
        stop_running()
        raise


def check_stopping() -> None:
    """For loops that wait: raises ``Stopping`` once there is nothing left to wait for."""
    if _is_stopping:
        raise Stopping("the command is being stopped")


def stop_running() -> None:
    """End programs of ``run`` that still run: SIGTERM, after two seconds SIGKILL."""
    global _is_stopping
    with _running_lock:
        _is_stopping = True
        busy = list(_running)
    deadline = time.monotonic() + _STOP_SECONDS
    _signal_groups(busy, signal.SIGTERM)
    while any(process.poll() is None for process in busy) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal_groups(busy, signal.SIGKILL)


def _signal_groups(processes: Sequence[subprocess.Popen[str]], number: signal.Signals) -> None:
    """Groups whose leader is still there: the number of another one may belong to a stranger by now."""
    for process in processes:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)


def capture(command: Sequence[str], timeout: float = 20) -> str | None:
    """Output of a short command, stripped; None when it is missing, fails or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
