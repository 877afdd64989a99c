"""A lock so that one command at a time changes a checkout's network. It is released when its holder dies, and names
it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from kit import console, system

#: Longer than the slowest `make up`: a first one without package caches.
WAIT_SECONDS = 900.0
_LOOK_SECONDS = 0.1
#: A holder writes its name as soon as it has the lock; where it is damaged, none comes.
_NAMELESS_SECONDS = 1.0
#: Descriptors of the locks that this process holds, for the programs it starts.
_held: list[int] = []


class Busy(Exception):
    """Another command still runs after the wait; the message names it and says what to do."""


@dataclass(frozen=True)
class Holder:
    """The command that has the lock. ``since`` is in epoch seconds."""

    command: str
    pid: int
    since: float

    def __str__(self) -> str:
        return f"`{self.command}` (pid {self.pid}, since {time.strftime('%H:%M:%S', time.localtime(self.since))})"


def lock_file(root: Path) -> Path:
    """Always inside the checkout, wherever ``ASYNCSNS_HOME`` is: ``node_modules`` and the UI's build are there too."""
    return root / ".asyncsns" / "command.lock"


@contextlib.contextmanager
def exclusive(
    root: Path, command: str, seconds: float = WAIT_SECONDS, say: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the checkout's lock during the block; wait for the command that has it, and say which that is.

    Where a caller of this process holds the lock the block runs at once (`make up` runs the seed).

    Raises:
        Busy: the other command still ran after ``seconds``.
    """
    descriptor = _acquire(lock_file(root), command, seconds, say or _to_stderr)
    if descriptor is None:
        yield
        return
    _held.append(descriptor)
    try:
        yield
    finally:
        _held.remove(descriptor)
        os.ftruncate(descriptor, 0)
        # A program that is still being killed has the lock too, and frees it when it is gone.
        os.close(descriptor)


def held_descriptors() -> tuple[int, ...]:
    """The descriptor that a started program inherits, so that the lock is held until the program has ended."""
    return tuple(_held)


def _acquire(file: Path, command: str, seconds: float, say: Callable[[str], None]) -> int | None:
    """The descriptor of the locked file; None when a caller of this process holds the lock."""
    begun = time.monotonic()
    deadline = begun + seconds
    told: Holder | None = None
    nameless = False
    while True:
        if (descriptor := _try(file)) is not None:
            _write(descriptor, Holder(command, os.getpid(), time.time()))
            return descriptor
        holder = _read(file)
        if holder and holder.pid in (os.getpid(), *system.ancestors()):
            return None
        if time.monotonic() > deadline:
            raise Busy(_refusal(command, holder or told, seconds))
        if holder and holder != told:
            say(f"waiting for {holder} of this checkout to end; Ctrl-C stops waiting")
            told = holder
        if not (holder or told or nameless) and time.monotonic() - begun > _NAMELESS_SECONDS:
            say("waiting for another command of this checkout to end; Ctrl-C stops waiting")
            nameless = True
        time.sleep(_LOOK_SECONDS)


def _try(file: Path) -> int | None:
    """Lock the file that has this name now: `make clean` removes the file that waiters have open."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except FileNotFoundError:
        # `make clean` removed the folder a moment ago.
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), file.stat()):
            return descriptor
    except OSError:
        # Held by another one, or removed a moment ago.
        pass
    os.close(descriptor)
    return None


def _write(descriptor: int, holder: Holder) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)


def _read(file: Path) -> Holder | None:
    """Who wrote the file last; None while it is being written."""
    try:
        holder = Holder(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return holder if type(holder.pid) is int and isinstance(holder.since, int | float) else None


def _refusal(command: str, holder: Holder | None, seconds: float) -> str:
    other = str(holder) if holder else "another command"
    end = f"press Ctrl-C there or run `kill {holder.pid}`" if holder else "end it"
    waited = console.human_seconds(seconds)
    return f"`{command}` waited {waited} for {other}, which still runs: {end}, then run `{command}` again"


def _to_stderr(text: str) -> None:
    print(console.yellow(text), file=sys.stderr, flush=True)
