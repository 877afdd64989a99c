"""What the system tells of its processes: Linux by ``/proc`` (proc(5)), elsewhere by ``ps``. Both branches are here."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


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
    """Of ``ps -o pid=,rss=``, which tells kilobytes."""
    pairs = (line.split() for line in listing.splitlines())
    return {int(pid): int(kilobytes) * 1024 for pid, kilobytes in pairs}
