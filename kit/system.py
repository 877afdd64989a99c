"""Reads processes and ports from the system: on Linux from ``/proc`` (proc(5)), elsewhere by ``ps`` and ``lsof``.

All platform differences are here. The kit, the bench and the load tests query the system nowhere else
(``tests/unit/test_platforms.py``).
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
#: Between two looks, where the system tells nobody of the end of a process.
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Row:
    """One process as the system lists it."""

    pid: int
    parent: int
    group: int
    session: int
    state: str
    started: str = ""


def has_proc(proc: Path = PROC) -> bool:
    return (proc / "self" / "stat").exists()


def rows(proc: Path = PROC) -> list[Row]:
    """Every live process, zombies left out."""
    found = _from_proc(proc) if has_proc(proc) else _from_ps(_ps("-A", "-o", "pid=,ppid=,pgid=,stat="))
    return [row for row in found if row.state[:1] not in ("Z", "X")]


def _from_proc(proc: Path) -> Iterator[Row]:
    for folder in proc.iterdir():
        if folder.name.isdigit() and (row := _stat(folder)):
            yield row


def _stat(folder: Path) -> Row | None:
    """The command's name may hold spaces and brackets: fields are counted from after it."""
    try:
        fields = (folder / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return Row(int(folder.name), int(fields[1]), int(fields[2]), int(fields[3]), fields[0], fields[19])


def _from_ps(listing: str) -> Iterator[Row]:
    """``ps`` of macOS tells no session: there a group stands for it."""
    for line in listing.splitlines():
        pid, parent, group, state = line.split()[:4]
        yield Row(int(pid), int(parent), int(group), int(group), state)


def _ps(*options: str) -> str:
    return subprocess.run(["ps", *options], capture_output=True, text=True, check=False).stdout


def ancestors(pid: int | None = None) -> list[int]:
    """Parent, grandparent and so on of a process (this one by default), up to the first of the system."""
    parents = {row.pid: row.parent for row in rows()}
    found: list[int] = []
    current = parents.get(os.getpid() if pid is None else pid, 0)
    while current > 0 and current not in found:
        found.append(current)
        current = parents.get(current, 0)
    return found


def identity_of(pid: int) -> str | None:
    """Start time of a live process, in the system's own words; None for a dead process or a zombie."""
    if has_proc():
        row = _stat(PROC / str(pid))
        return None if row is None or row.state in "ZX" else f"{row.started}@{_boot_id()}"
    shown = _ps("-o", "stat=,lstart=", "-p", str(pid)).strip()
    state, _, started = shown.partition(" ")
    return None if not shown or state.startswith("Z") else started.strip()


def _boot_id() -> str:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()[:8]
    except OSError:
        return ""


def await_end(pid: int, seconds: float) -> None:
    """Return when a process has ended, after ``seconds`` at the latest."""
    if (handle := end_of(pid)) is None:
        time.sleep(min(seconds, _LOOK_SECONDS))
        return
    try:
        select.select([handle], [], [], seconds)
    finally:
        os.close(handle)


def end_of(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends, the caller's to close (``pidfd_open(2)``).

    None for a process that is gone, and where the system has no such call; Linux alone does.
    """
    try:
        return os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    except OSError:
        return None


def session_members(leader: int) -> list[int]:
    """Live processes of the session that ``leader`` opened, groups of their own included (not Linux: its group)."""
    return [row.pid for row in rows() if row.session == leader]


def memory_unit(proc: Path = PROC) -> str:
    """``PSS`` (Linux: a page that n processes share counts 1/n for each) or ``RSS`` (elsewhere: it counts for each)."""
    return "PSS" if (proc / "self" / "smaps_rollup").exists() else "RSS"


def memory_of(leaders: Iterable[int], proc: Path = PROC) -> dict[int, int]:
    """Bytes of each leader with its children and theirs, in ``memory_unit``.

    A process belongs to the nearest leader above it, so that the supervisor does not count what it keeps; one whose
    parent died belongs to the leader of its session.
    """
    table = {row.pid: row for row in rows(proc)}
    totals = dict.fromkeys(leaders, 0)
    owners = {pid: owner for pid in table if (owner := _owner(pid, table, totals)) is not None}
    sizes = _pss(owners, proc) if memory_unit(proc) == "PSS" else _rss(_ps("-A", "-o", "pid=,rss="))
    for pid, owner in owners.items():
        totals[owner] += sizes.get(pid, 0)
    return totals


def _owner(pid: int, table: dict[int, Row], leaders: Iterable[int]) -> int | None:
    seen: set[int] = set()
    current = pid
    while current in table and current not in seen:
        if current in leaders:
            return current
        seen.add(current)
        current = table[current].parent
    session = table[pid].session
    return session if session in leaders else None


def _pss(pids: Iterable[int], proc: Path) -> dict[int, int]:
    return {pid: size for pid in pids if (size := _pss_of(proc / str(pid))) is not None}


def _pss_of(folder: Path) -> int | None:
    """The ``Pss:`` of all mappings; None for a process that is gone or another user's."""
    try:
        lines = (folder / "smaps_rollup").read_text("ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)


def _rss(listing: str) -> dict[int, int]:
    """Memory by pid from ``ps -o pid=,rss=``, which prints kilobytes."""
    pairs = (line.split() for line in listing.splitlines())
    return {int(pid): int(kilobytes) * 1024 for pid, kilobytes in pairs}


# --- what runs where -------------------------------------------------------------------------------------------------

_LISTEN = "0A"


def is_mac() -> bool:
    return platform.system() == "Darwin"


def is_intel_mac() -> bool:
    return is_mac() and platform.machine() == "x86_64"


def name() -> str:
    """``Linux-6.1-x86_64 …``, for a person; of WSL it says so, for its kernel has Microsoft's name."""
    return platform.platform()


def is_known() -> bool:
    """Linux and macOS; WSL is a Linux."""
    return sys.platform in ("linux", "darwin")


def command_of(pid: int, proc: Path = PROC) -> list[str]:
    """Program and arguments; where only ``ps`` tells, split at spaces. Empty for a process that is gone."""
    if has_proc(proc):
        try:
            return (proc / str(pid) / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
        except OSError:
            return []
    return _ps("-o", "command=", "-ww", "-p", str(pid)).split()


def listener_on(port: int, *, udp: bool = False, proc: Path = PROC) -> int | None:
    """The process that listens on a port; None where there is none, or the system does not tell (another user's)."""
    if (proc / "net" / "tcp").exists():
        inodes = {f"socket:[{inode}]" for inode in _socket_inodes(port, udp, proc)}
        folders = (folder for folder in proc.iterdir() if folder.name.isdigit()) if inodes else ()
        return next((int(folder.name) for folder in folders if _holds_any(folder / "fd", inodes)), None)
    return _listener_of_lsof(_lsof(port, udp))


def _socket_inodes(port: int, udp: bool, proc: Path) -> set[str]:
    """Inodes of listening sockets, from ``/proc/net``."""
    inodes: set[str] = set()
    for table in ("udp", "udp6") if udp else ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if int(fields[1].rsplit(":", 1)[1], 16) == port and (udp or fields[3] == _LISTEN):
                inodes.add(fields[9])
    return inodes


def _holds_any(descriptors: Path, wanted: set[str]) -> bool:
    try:
        return any(str(link.readlink()) in wanted for link in descriptors.iterdir())
    except OSError:
        return False


def _lsof(port: int, udp: bool) -> str:
    what = [f"-iUDP:{port}"] if udp else [f"-iTCP:{port}", "-sTCP:LISTEN"]
    try:
        return subprocess.run(["lsof", "-nP", *what, "-F", "p"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _listener_of_lsof(listing: str) -> int | None:
    match = re.search(r"^p(\d+)$", listing, re.MULTILINE)
    return int(match[1]) if match else None


def processor_seconds(pids: Iterable[int], proc: Path = PROC) -> dict[int, float]:
    """User and system time that processes have used so far; those that are gone are left out."""
    wanted = set(pids)
    if not has_proc(proc):
        return {pid: used for pid, used in _times(_ps("-A", "-o", "pid=,time=")).items() if pid in wanted}
    ticks, found = os.sysconf("SC_CLK_TCK"), {}
    for pid in wanted:
        try:
            fields = (proc / str(pid) / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        found[pid] = (int(fields[11]) + int(fields[12])) / ticks
    return found


def processor_nanoseconds(pid: int, proc: Path = PROC) -> int:
    """As ``processor_seconds`` of one process, where Linux tells it to the nanosecond (proc(5), ``schedstat``)."""
    if not has_proc(proc):
        return int(processor_seconds([pid]).get(pid, 0) * 1e9)
    threads = (proc / str(pid) / "task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads)


def _times(listing: str) -> dict[int, float]:
    """Processor seconds by pid from ``ps -o pid=,time=``: ``[[hours:]minutes:]seconds``, with a fraction on macOS."""
    found = {}
    for pid, text in (line.split() for line in listing.splitlines()):
        days, _, clock = text.rpartition("-")
        seconds = 0.0
        for part in clock.split(":"):
            seconds = seconds * 60 + float(part)
        found[int(pid)] = seconds + 86400 * int(days or 0)
    return found


def folder_of(pid: int, proc: Path = PROC) -> Path | None:
    """Its working directory; None where the system does not tell."""
    if has_proc(proc):
        try:
            return (proc / str(pid) / "cwd").readlink()
        except OSError:
            return None
    try:
        told = subprocess.run(
            ["lsof", "-a", "-p", str(pid), "-d", "cwd", "-F", "n"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return None
    match = re.search(r"^n(/.*)$", told, re.MULTILINE)
    return Path(match[1]) if match else None


def has_all_loopback(proc: Path = PROC) -> bool:
    """Whether a program may send from any address of 127.0.0.0/8: Linux alone has all of them from the start."""
    return has_proc(proc)


@contextlib.contextmanager
def without_room(pid: int) -> Iterator[None]:
    """No file of a process may grow while the block lasts (``prlimit(2)``).

    Raises:
        NotImplementedError: the system has no such call; Linux alone does.
    """
    if not hasattr(resource, "prlimit"):
        raise NotImplementedError(
            "the limit of another process's file sizes is set by prlimit(2), which Linux alone has"
        )
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        # What it started meanwhile has the limit too.
        for one in {pid, *session_members(pid)}:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(one, resource.RLIMIT_FSIZE, (soft, hard))
