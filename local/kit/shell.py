"""Run a program, keep its output in a log file, and show the end of it when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_TAIL_LINES = 30
_running: set[subprocess.Popen[str]] = set()
_running_lock = threading.Lock()


class CommandFailed(Exception):
    """A program ended with another code than 0; the message holds the end of its output."""

    def __init__(self, command: Sequence[str], code: int, log: Path, tail: str) -> None:
        super().__init__(f"{Path(command[0]).name} ended with code {code}; whole output: {log}\n{tail}")


def base_environment() -> dict[str, str]:
    """The caller's environment without what would leak in: other AWS accounts, other virtual environments."""
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


def run(
    command: Sequence[str | Path], *, cwd: Path, log: Path, env: Mapping[str, str] | None = None, umask: int = -1
) -> str:
    """Run to the end; output goes to ``log`` (appended) and is returned. ``umask`` -1: that of this process.

    Raises:
        CommandFailed: the exit code was not 0.
    """
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    with log.open("a", encoding="utf-8") as sink:
        sink.write(f"$ {' '.join(words)}\n")
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=dict(env) if env is not None else base_environment(),
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=umask,
        )
        with _running_lock:
            _running.add(process)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                sink.write(line)
                sink.flush()
            code = process.wait()
        finally:
            with _running_lock:
                _running.discard(process)
    if code != 0:
        raise CommandFailed(words, code, log, "".join(lines[-_TAIL_LINES:]).rstrip())
    return "".join(lines)


def stop_running() -> None:
    """End what ``run`` started and is still busy (Ctrl-C, or a parallel step failed)."""
    with _running_lock:
        for process in _running:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                continue


def capture(command: Sequence[str], timeout: float = 20) -> str | None:
    """Output of a short command, stripped; None when it is missing, fails or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
