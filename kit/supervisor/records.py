"""Pid records that survive pid reuse: a process is known by its pid and its start time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from kit.system import await_end, identity_of, session_members


@dataclass(frozen=True)
class Record:
    """A process the kit started. ``identity`` changes when the pid is given to another process."""

    pid: int
    identity: str
    #: Epoch seconds of the start.
    at: float
    fingerprint: str = ""

    def is_alive(self) -> bool:
        return identity_of(self.pid) == self.identity


def record_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.pid.json"


def write(folder: Path, name: str, pid: int, fingerprint: str = "") -> Record:
    """Write the record of a process that was just started.

    Raises:
        ProcessLookupError: it is gone already.
    """
    identity = identity_of(pid)
    if identity is None:
        raise ProcessLookupError(f"process {pid} ({name}) ended at once")
    record = Record(pid, identity, time.time(), fingerprint)
    folder.mkdir(parents=True, exist_ok=True)
    put(folder, name, record)
    return record


def put(folder: Path, name: str, record: Record) -> None:
    temporary = record_file(folder, name).with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(record)), "utf-8")
    temporary.replace(record_file(folder, name))


def read(folder: Path, name: str) -> Record | None:
    """None without a file, or when it is damaged (``recovered.py`` finds the process then)."""
    try:
        record = Record(**json.loads(record_file(folder, name).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    texts = isinstance(record.identity, str) and isinstance(record.fingerprint, str)
    return record if texts and type(record.pid) is int and isinstance(record.at, int | float) else None


def read_alive(folder: Path, name: str) -> Record | None:
    """The record, when its process still runs."""
    record = read(folder, name)
    return record if record and record.is_alive() else None


def read_all(folder: Path) -> dict[str, Record]:
    """All records by process name, the dead included."""
    names = [file.name.removesuffix(".pid.json") for file in sorted(folder.glob("*.pid.json"))]
    return {name: record for name in names if (record := read(folder, name)) is not None}


def forget(folder: Path, name: str) -> None:
    record_file(folder, name).unlink(missing_ok=True)


def signal_group(pid: int, number: signal.Signals) -> bool:
    """Signal the process group that ``pid`` leads; False when nobody is left in it."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def group_of(pid: int) -> int | None:
    """The process group of a live process."""
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def end(record: Record, seconds: float) -> None:
    """SIGTERM, after ``seconds`` SIGKILL, to its group and session; strangers with a reused pid are left alone."""
    if record.is_alive():
        signal_group(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while record.is_alive() and time.monotonic() < deadline:
            await_end(record.pid, max(0.0, deadline - time.monotonic()))
            _reap(record.pid)
    if record.is_alive() or identity_of(record.pid) is None:
        signal_group(record.pid, signal.SIGKILL)
        for pid in session_members(record.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
    _reap(record.pid)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
