"""The seeded state, kept: the next start on an empty state takes it instead of deploying and seeding again.

It is copied once, right after the seed of a state that was empty, while the processes that write it are stopped
(SIGSTOP): such a copy is what ``kill -9`` of all of them at that moment leaves, which they recover from. It counts for
a day, because the dates of the posts are real, and only for the code, packages, settings and keys that it was made
with.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from emulation.private import keep_private
from kit import processes, search_node, sfu, system, turn
from kit.deploy.incremental import Deployment
from kit.install import INTERPRETER
from kit.saves import found_out
from kit.settings import MINISTACK, Settings, yes_or_no
from kit.stamps import fingerprint
from kit.supervisor import client, records

_AGE = timedelta(days=1)
_ABOUT = "about.json"
#: What the state is made by, beside what is deployed (``Deployment.source_hash``).
_SOURCES = ("emulation", "kit", "requirements")
#: Unpacked code and libraries of functions: never changed in place, so a second name for each file is a copy.
_UNPACKED = ("emulator", "packages")
#: Working folders of functions, which end with them.
_LEFT_OUT = ("emulator", "tmp")
#: These write nothing below the state.
_NOT_STOPPED = frozenset({"preload", "supervisor", "watchdog"})
_STOP_SECONDS = 5.0


def folder(settings: Settings) -> Path:
    return settings.home / "seeded"


def is_first_start(settings: Settings) -> bool:
    """Whether this start makes a state that may be kept: seeded, by MiniStack and the engine, on an empty folder.

    Raises:
        ValueError: ``ASYNCSNS_KEEP_SEEDED`` is neither ``yes`` nor ``no``.
    """
    wanted = yes_or_no("ASYNCSNS_KEEP_SEEDED", os.environ.get("ASYNCSNS_KEEP_SEEDED") or "yes") == "yes"
    if not wanted or not settings.wants_seed or settings.emulator != MINISTACK or search_node.is_wanted(settings):
        return False
    return not client.is_running(settings) and not (settings.state.is_dir() and any(settings.state.iterdir()))


def is_kept(settings: Settings) -> bool:
    """Whether the kept state is this checkout's as it is now, and younger than a day."""
    try:
        about = json.loads((folder(settings) / _ABOUT).read_text("utf-8"))
        age = datetime.now(UTC) - datetime.fromisoformat(about["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return timedelta(0) <= age < _AGE and about.get("made_from") == made_from(settings)


def made_from(settings: Settings) -> str:
    """Hash of all that a seeded state depends on."""
    choices = [choose(settings) for choose in (turn.choice, sfu.choice, search_node.choice)]
    environment = json.dumps([settings.emulation_environment(), choices], sort_keys=True)
    sources = [settings.root / name for name in _SOURCES] + [settings.home / "keys"]
    return fingerprint(sources, INTERPRETER, Deployment(settings).source_hash, environment)


def restore(settings: Settings) -> None:
    """Put the kept state in the place of the missing one; the kept one stays."""
    keep_private()
    fresh = settings.state.with_name(f"{settings.state.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _copy(folder(settings) / "state", fresh)
    for path in found_out(settings):
        shutil.copy2(folder(settings) / path.name, path)
    if settings.state.is_dir():
        settings.state.rmdir()
    fresh.rename(settings.state)


def keep(settings: Settings) -> str | None:
    """Copy the state of the running network; returns why it could not be kept, or None.

    Failures leave an earlier copy, and the network goes on in any case.
    """
    keep_private()
    fresh = folder(settings).with_name("seeded.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with stopped(_writers(settings)):
            _copy(settings.state, fresh / "state")
        for path in found_out(settings):
            shutil.copy2(path, fresh / path.name)
        about = {"at": datetime.now(UTC).isoformat(), "made_from": made_from(settings)}
        (fresh / _ABOUT).write_text(json.dumps(about), "utf-8")
        shutil.rmtree(folder(settings), ignore_errors=True)
        fresh.rename(folder(settings))
    except (OSError, TimeoutError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        return f"not kept: {error}"
    return None


def resume(settings: Settings) -> None:
    """Let processes go on that a killed ``keep`` left stopped."""
    for pid in (row.pid for row in _rows(set(_writers(settings))) if row.state[:1] == "T"):
        _signal(pid, signal.SIGCONT)


@contextlib.contextmanager
def stopped(leaders: Iterable[int]) -> Iterator[None]:
    """Stop the sessions that these processes lead, and let them go on at the end.

    Raises:
        TimeoutError: one did not stop within five seconds.
    """
    wanted, members = set(leaders), set[int]()
    try:
        deadline = time.monotonic() + _STOP_SECONDS
        # Again until all stand still: one may have started another before it stopped.
        while moving := _moving(wanted):
            if time.monotonic() > deadline:
                raise TimeoutError(f"processes {moving} did not stop within {_STOP_SECONDS:.0f} s")
            for pid in moving:
                members.add(pid)
                _signal(pid, signal.SIGSTOP)
            time.sleep(0.005)
        yield
    finally:
        for pid in members:
            _signal(pid, signal.SIGCONT)


def _moving(leaders: set[int]) -> list[int]:
    return [row.pid for row in _rows(leaders) if row.state[:1] != "T"]


def _rows(leaders: set[int]) -> list[system.Row]:
    return [row for row in system.rows() if row.session in leaders]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _writers(settings: Settings) -> list[int]:
    names = [row.name for row in processes.read_launches(settings) if row.name not in _NOT_STOPPED]
    alive = (records.read_alive(settings.run, name) for name in names)
    return [record.pid for record in alive if record]


def _copy(source: Path, target: Path) -> None:
    """Sockets and working folders are left out; unpacked code becomes another name of the same file."""
    unpacked, left_out = source.joinpath(*_UNPACKED), source.joinpath(*_LEFT_OUT)

    def ignored(place: str, names: list[str]) -> list[str]:
        return [name for name in names if Path(place, name) == left_out or _is_socket(Path(place, name))]

    def copy(one: str, other: str) -> str:
        if Path(one).is_relative_to(unpacked):
            with contextlib.suppress(OSError):  # another disk
                os.link(one, other)
                return other
        return str(shutil.copy2(one, other))

    shutil.copytree(source, target, symlinks=True, ignore=ignored, copy_function=copy)


def _is_socket(path: Path) -> bool:
    return stat.S_ISSOCK(path.lstat().st_mode)
