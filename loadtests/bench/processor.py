"""Processor time of the stack's processes: the most reliable figure on a shared machine."""

from __future__ import annotations

import os
from pathlib import Path

from kit import system
from kit.settings import Settings

#: How the servers and the kit are started.
_MODULES = ("emulation.", "kit.", "local.")


def processor_seconds(of: Path | None = None) -> dict[tuple[int, str], float]:
    """User and system time so far, by process id and name, of the network of this or another tree."""
    root = of or Settings.load().root
    commands = {row.pid: system.command_of(row.pid) for row in system.rows() if row.pid != os.getpid()}
    ours = {pid: name_of(command) for pid, command in commands.items() if is_ours(command, root, pid)}
    return {(pid, ours[pid]): seconds for pid, seconds in system.processor_seconds(ours).items()}


def spent(before: dict[tuple[int, str], float], after: dict[tuple[int, str], float]) -> dict[str, float]:
    """Seconds between two readings by name; of processes that came and went in between nothing is known."""
    by_name: dict[str, float] = {}
    for (pid, name), seconds in after.items():
        by_name[name] = by_name.get(name, 0) + seconds - before.get((pid, name), 0)
    return by_name


def is_ours(command: list[str], root: Path, pid: int) -> bool:
    if not command:
        return False
    return f"{root}/.asyncsns/" in command[0] or any(
        part.startswith(f"{root}/") or (part.startswith(_MODULES) and system.folder_of(pid) == root)
        for part in command[1:]
    )


def name_of(command: list[str]) -> str:
    modules = [part.partition(".")[2] for part in command if part.startswith(_MODULES)]
    return modules[0] if modules else "Lambda and helper processes"
