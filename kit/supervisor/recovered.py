"""Processes of this checkout whose record is missing or damaged, found by their command lines."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from kit import processes, system
from kit.settings import Settings
from kit.supervisor import records

#: The supervisor's record; it is no row of the table.
SUPERVISOR = "supervisor"


def unrecorded(settings: Settings) -> dict[str, int]:
    """Name → process id. The system is asked only where a record cannot be read."""
    entries = {row.name: row.entry for row in processes.table_of(settings)} | {SUPERVISOR: "kit.supervisor"}
    lost = {name: entry for name, entry in entries.items() if records.read(settings.run, name) is None}
    if not lost:
        return {}
    # What they forked has the same command line: each was started in a session of its own.
    leaders = [row.pid for row in system.rows() if row.session == row.pid]
    running = {pid: system.command_of(pid) for pid in leaders}
    found = {}
    for name, entry in lost.items():
        for pid, argv in running.items():
            if _runs(argv, entry, settings.home):
                found[name] = pid
    return found


def _runs(argv: list[str], entry: str, home: Path) -> bool:
    """Its interpreter is in the checkout's home, or the home is an argument."""
    ours = any(word == str(home) or word.startswith(f"{home}/") for word in argv)
    return ours and any(pair == ("-m", entry) for pair in pairwise(argv))


def recover(settings: Settings) -> list[str]:
    """Write a record for each; returns their names. The supervisor knows the rest and completes them at a reload."""
    found = []
    for name, pid in unrecorded(settings).items():
        if records.read(settings.run, name) is None:
            records.write(settings.run, name, pid)
            found.append(name)
    return found
