"""Keeps acknowledged changes: a forked child writes a consistent snapshot of the emulator to disk.

``fork`` gives the child the whole memory as it was at one instant, so the snapshot is consistent across services and
the event loop blocks only for the fork itself (a few milliseconds). Each snapshot is a *generation*: a directory of
JSON files in MiniStack's own format, files of unchanged services hard-linked from the one before, a manifest with
length and checksum of each (``manifest``), and a ``current`` link replaced atomically. ``kill -9`` at any moment
therefore leaves a whole generation.

A generation has all changes acknowledged before its fork; with forks ``period`` seconds apart, anything older than
``period`` plus twice the time of writing survives.
"""

from __future__ import annotations

import copy
import fcntl
import gc
import json
import os
import shutil
import signal
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from emulation.emulator import integrity
from emulation.emulator.copies import Copies
from emulation.emulator.manifest import (
    MANIFEST,
    Described,
    describe,
    generations,
    number_of,
    read_manifest,
    write_manifest,
)
from emulation.power_cut import sync_file, sync_folder

StateGetter = Callable[[], Any]
#: Seconds after which a child that hangs is ended; its generation is dropped and written again. Far more than a busy
#: machine needs: a request whose answer waits for the snapshot fails when its child is ended.
CHILD_SECONDS = 120
KEEP_GENERATIONS = 2


class StateInUseError(RuntimeError):
    """Another emulator host uses this state directory."""


@dataclass
class SnapshotStore:
    """Generations below ``root``; at most one process writes them, guarded by a file lock."""

    root: Path
    checksums: dict[str, int] = field(default_factory=dict)
    #: Whether a generation is on the disk, not only with the system, before it counts.
    fsync: bool = False
    _lock_fd: int = -1

    def __post_init__(self) -> None:
        self.copies = Copies(self.root)

    def acquire(self, patience_seconds: float = 10.0) -> None:
        """Take the directory; waits for a snapshot child of a killed host to finish its work.

        Raises:
            StateInUseError: another live host holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock_fd = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise StateInUseError(f"{self.root} is used by another emulator host") from None
                time.sleep(0.05)  # the lock file has no notification; a deadline bounds it

    @property
    def current(self) -> Path:
        """Directory of the newest whole generation (may not exist yet)."""
        link = self.root / "current"
        return self.root / link.readlink() if link.is_symlink() else self.root / "generation-0"

    def forget_if_files_are_gone(self) -> bool:
        """Whether files of the newest generation were removed at run time; then all services count as changed."""
        if not integrity.is_marked(self.root):
            return False
        known = read_manifest(self.current)
        gone = not known or any(not (self.current / name).is_file() for name in known)
        if gone:
            self.checksums = {}
        return gone

    def write(self, documents: dict[str, bytes]) -> None:
        """Make ``documents`` (service -> JSON) the newest generation; the others are carried over."""
        before, number = self.current, number_of(self.current) + 1
        unfinished, after = self.root / "generation.new", self.root / f"generation-{number}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        files: dict[str, Described] = {}
        if before.exists():
            known = read_manifest(before) or {}
            for file in before.iterdir():
                if file.stem not in documents and file.name != MANIFEST:
                    os.link(file, unfinished / file.name)
                    files[file.name] = known.get(file.name) or describe(file.read_bytes())
        for service, document in documents.items():
            (unfinished / f"{service}.json").write_bytes(document)
            files[f"{service}.json"] = describe(document)
        write_manifest(unfinished, number, files)
        if self.fsync:
            for file in (*(unfinished / f"{service}.json" for service in documents), unfinished / MANIFEST):
                sync_file(file)
            sync_folder(unfinished)
        shutil.rmtree(after, ignore_errors=True)
        if before.exists():
            unfinished.rename(after)
            self._point_to(after)
        else:
            # In this order the first generation is never there without its link: that is how damage looks.
            self._point_to(after)
            unfinished.rename(after)
        # Not before the link: killed in between, the state would name one without a manifest and be marked.
        integrity.mark(self.root)
        if self.fsync:
            sync_folder(self.root)
        self._drop_old(number)

    def copy(self) -> None:
        """Bring the second copy up to the newest generation."""
        self.copies.follow(self.current)
        self.copies.note_lengths()

    def _point_to(self, generation: Path) -> None:
        link = self.root / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(generation.name)
        link.replace(self.root / "current")

    def _drop_old(self, newest: int) -> None:
        for generation in generations(self.root):
            if number_of(generation) <= newest - KEEP_GENERATIONS:
                shutil.rmtree(generation, ignore_errors=True)

    def oldest_journal(self) -> int | None:
        """The number of the first journal that any kept generation continues with."""
        numbers = [integrity.first_journal(generation) for generation in generations(self.root)]
        return min((number for number in numbers if number is not None), default=None)

    def load(self, service: str, object_hook: Callable[[dict[str, Any]], Any]) -> Any:
        """Payload of one service in the newest generation, or None."""
        file = self.current / f"{service}.json"
        if not file.exists():
            return None
        return json.loads(file.read_bytes(), object_hook=object_hook)["payload"]


@dataclass(frozen=True)
class Encoding:
    """MiniStack's own file format, so that its loader reads what we write."""

    version_of: Callable[[str], int]
    default: Callable[[Any], Any]

    def encode(self, service: str, payload: Any) -> bytes:
        document = {"__ministack_format__": self.version_of(service), "payload": payload}
        return json.dumps(document, default=self.default, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Written:
    """Outcome of one snapshot: checksums of all checked services, names of those written, milliseconds."""

    checksums: dict[str, int]
    services: list[str]
    errors: list[str]
    milliseconds: int


def take(store: SnapshotStore, encoding: Encoding, getters: dict[str, StateGetter]) -> Written:
    """Write changed services of ``getters``, in this process (by the child, and at the end where a child failed)."""
    started = time.monotonic()
    checksums, documents, errors = dict(store.checksums), {}, []
    for service, get_state in getters.items():
        try:
            state = get_state()
            if state is None:
                continue  # a module that failed to load has nothing to say; its old file stays
            document = encoding.encode(service, state)
        except Exception as error:
            errors.append(f"{service}: {type(error).__name__}: {error}")
            continue
        checksum = zlib.crc32(document)
        if checksums.get(service) != checksum:
            checksums[service] = checksum
            documents[service] = document
    if errors:
        # A service that could not be written must not count as written: the journal up to it stays in force.
        documents.pop(integrity.JOURNAL_NAME, None)
    if documents:
        store.write(documents)
    return Written(checksums, sorted(documents), errors, int((time.monotonic() - started) * 1000))


def fork_and_take(store: SnapshotStore, encoding: Encoding, getters: dict[str, StateGetter]) -> tuple[int, int, float]:
    """Fork a child that calls ``take``; returns its pid, a pipe with its JSON report, seconds the fork took.

    The child has the priority of its parent, because responses wait for it or for the next one.
    """
    started = time.monotonic()
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _run_child(store, encoding, getters, write_end)
    os.close(write_end)
    return pid, read_end, time.monotonic() - started


def _run_child(store: SnapshotStore, encoding: Encoding, getters: dict[str, StateGetter], report_fd: int) -> NoReturn:
    """Never returns. Imports nothing: another thread may have held the import lock at the fork."""
    status = 1
    try:
        gc.disable()
        _keep_only_descriptors(store._lock_fd, report_fd)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.alarm(CHILD_SECONDS)
        # Nobody else changes this copy of the memory: the services' protective copies are wasted here.
        copy.deepcopy = _same  # type: ignore[assignment]
        written = take(store, encoding, getters)
        os.write(report_fd, json.dumps(vars(written)).encode())
        status = 0
    except BaseException as error:
        os.write(report_fd, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(status)


def _same(value: Any, memo: Any = None) -> Any:
    return value


def _keep_only_descriptors(*wanted: int) -> None:
    """Close the inherited sockets: a listening port must not outlive the host in a child."""
    low = 3
    for descriptor in sorted(wanted):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 65_536)
