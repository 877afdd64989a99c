"""Processor time of the stack's processes: what says most on a machine that does other things as well."""

from __future__ import annotations

import os
from pathlib import Path

from kit.settings import Settings

#: How the servers and the kit are started.
_MODULES = ("emulation.", "kit.")
_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds() -> dict[tuple[int, str], float]:
    """User and system time so far, by process id and name (Linux: proc(5))."""
    found: dict[tuple[int, str], float] = {}
    root = str(Settings.load().root)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if is_ours(command, root, entry):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name), name_of(command)] = (int(fields[11]) + int(fields[12])) / _TICKS
        except OSError:
            continue
    return found


def spent(before: dict[tuple[int, str], float], after: dict[tuple[int, str], float]) -> dict[str, float]:
    """Seconds between two readings by name; of processes that came and went in between nothing is known."""
    by_name: dict[str, float] = {}
    for (pid, name), seconds in after.items():
        by_name[name] = by_name.get(name, 0) + seconds - before.get((pid, name), 0)
    return by_name


def is_ours(command: list[str], root: str, entry: Path) -> bool:
    return f"{root}/.asyncsns/" in command[0] or any(
        part.startswith(f"{root}/") or (part.startswith(_MODULES) and (entry / "cwd").resolve() == Path(root))
        for part in command[1:]
    )


def name_of(command: list[str]) -> str:
    modules = [part.partition(".")[2] for part in command if part.startswith(_MODULES)]
    return modules[0] if modules else "Lambda and helper processes"
