"""Who listens on a port: by trying to bind it, then by /proc (Linux) or lsof (elsewhere)."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path

from kit import shell

_LISTEN = "0A"


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
    found = _holder_from_proc(port, udp) if Path("/proc/net/tcp").exists() else _holder_from_lsof(port, udp)
    return found or Holder(None, "a process this user may not see")


def _holder_from_proc(port: int, udp: bool) -> Holder | None:
    inodes = _socket_inodes(port, udp)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _holds_any(folder / "fd", wanted):
            return Holder(int(folder.name), command_of(int(folder.name)))
    return None


def _socket_inodes(port: int, udp: bool) -> set[str]:
    """Inodes of listening sockets, from /proc/net/* (format: proc(5))."""
    inodes: set[str] = set()
    for table in ("udp", "udp6") if udp else ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            local_port = int(fields[1].rsplit(":", 1)[1], 16)
            if local_port == port and (udp or fields[3] == _LISTEN):
                inodes.add(fields[9])
    return inodes


def _holds_any(descriptors: Path, wanted: set[str]) -> bool:
    try:
        return any(str(link.readlink()) in wanted for link in descriptors.iterdir())
    except OSError:
        return False


def _holder_from_lsof(port: int, udp: bool) -> Holder | None:
    what = [f"-iUDP:{port}"] if udp else [f"-iTCP:{port}", "-sTCP:LISTEN"]
    listing = shell.capture(["lsof", "-nP", *what, "-F", "pc"]) or ""
    match = re.search(r"^p(\d+)\nc(.+)$", listing, re.MULTILINE)
    return Holder(int(match[1]), match[2]) if match else None


def command_of(pid: int) -> str:
    """Program and first arguments of a process, shortened to 80 characters."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        words = (shell.capture(["ps", "-o", "command=", "-p", str(pid)]) or f"process {pid}").split(" ")
    return " ".join(words).strip()[:80]
