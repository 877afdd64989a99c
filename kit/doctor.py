"""`make doctor`: everything that a bug report needs, on one page."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from emulation import mended
from emulation.damage import DamagedStateError, look_at_sqlite
from emulation.edge import pair
from emulation.emulator.integrity import problems
from emulation.pump import checkpoints
from emulation.search.mending import REFILL
from emulation.search.store import DERIVED, STORE
from kit import console, inspect, leftovers, preflight, shell, stopped
from kit.settings import Settings
from kit.supervisor import client


def damaged(state: Path) -> list[str]:
    """All damaged files of the state. Only while nothing runs; nothing is changed."""
    emulator, push = state / "emulator", state / "push"
    checks: tuple[tuple[str, Iterable[tuple[Path, str]]], ...] = (
        ("emulator", ((one.file, one.found) for one in problems(emulator / "snapshots", emulator / "blobs"))),
        ("pump", _named(checkpoints.damage(state / "pump" / "checkpoints.json"))),
        ("search", _of_sqlite(state / "search" / STORE, state / "search" / DERIVED)),
        ("push", _of_sqlite(push / "push.sqlite", push / "push-copy.sqlite")),
        ("push", _of_sqlite(push / "push-copy.sqlite")),
        ("edge", _named(pair.damage(state / "edge"))),
    )
    found = []
    for name, damage in checks:
        try:
            for file, what in damage:
                found.append(f"{name}: {file} is damaged: {what}")
        except OSError as error:
            found.append(f"{name}: {error}: look at owner and rights of the file")
    if found:
        found[-1] += (
            ". `make up` puts damage right where something whole is left, and says what is lost; otherwise it says "
            "what you can do"
        )
    if (state / "search" / REFILL).exists():
        found.append("search: its indices were damaged and began empty: `make up` or `make reindex` fills them")
    return found


def _named(errors: Iterable[DamagedStateError]) -> Iterator[tuple[Path, str]]:
    return ((error.file, error.found) for error in errors)


def _of_sqlite(file: Path, *beside: Path) -> Iterator[tuple[Path, str]]:
    try:
        look_at_sqlite(file, beside)
    except DamagedStateError as error:
        yield error.file, error.found


def doctor(settings: Settings) -> int:
    """Print the state of the machine and of the kit; 0 when nothing is wrong."""
    facts = {
        "system": platform.platform(),
        "python": f"{platform.python_version()} ({sys.executable})",
        "node": shell.capture(["node", "--version"]) or "missing",
        "npm": shell.capture(["npm", "--version"]) or "missing",
        "cdk": shell.capture([str(settings.root / "node_modules" / ".bin" / "cdk"), "--version"])
        or "not installed yet",
        "free disk": console.human_bytes(shutil.disk_usage(settings.root).free),
        "port offset": str(settings.port_offset),
        "supervisor": "running" if client.is_running(settings) else "not running",
    }
    for name, value in facts.items():
        console.say(f"  {name:<12} {value}")
    troubled = [status for status in client.statuses(settings).values() if status.state not in ("running", "stopped")]
    left = inspect.unguarded(settings)
    state = [left] if left else [] if client.is_running(settings) else damaged(settings.state)
    if reason := stopped.reason(settings):
        state.append(reason)
    state += [
        f"{path} is left of an interrupted command, unless one runs now: `make up` clears it"
        for path in leftovers.of_interrupted_commands(settings)
    ]
    reasons = [f"{one.name} is {one.state}: {one.reason or 'no reason known'}" for one in troubled]
    found = preflight.problems(settings) + state + reasons
    for line in mended.reports(settings.state):
        console.say(f"{console.yellow('!')} repaired: {line}")
    for note in preflight.notes():
        console.say(f"{console.yellow('!')} {note}")
    for problem in found:
        console.say(f"{console.red('✗')} {problem}")
    if not found:
        console.say(f"{console.green('✓')} nothing wrong")
    return 1 if found else 0
