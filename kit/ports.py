"""Finds the process on a port: by trying to bind it, then by the system's tables (``kit/system.py``)."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from kit import system


@dataclass(frozen=True)
class Holder:
    """The process that holds a port; ``pid`` is None when the system does not tell (another user's)."""

    pid: int | None
    command: str

    def __str__(self) -> str:
        return f"{self.command} (pid {self.pid})" if self.pid else self.command


def is_free(port: int, *, udp: bool = False, host: str = "127.0.0.1") -> bool:
    """Whether a server could bind the port now. Addresses in TIME_WAIT do not count as taken."""
    kind = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as probe:
        if not udp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def holder_of(port: int, *, udp: bool = False) -> Holder:
    """Best effort: the process that listens on ``port``."""
    pid = system.listener_on(port, udp=udp)
    return Holder(pid, command_of(pid)) if pid else Holder(None, "a process this user may not see")


def command_of(pid: int) -> str:
    """Program and first arguments of a process, shortened to 80 characters."""
    return " ".join(system.command_of(pid)).strip()[:80] or f"process {pid}"
