"""Decides when to take a snapshot, and of which services: after requests that may have changed something.

A change that the journal does not record (mostly settings of resources) is answered once a snapshot with it is on disk
(``written``), and so are reads of stacks that have progressed. Other changes by the emulator itself (alarms, for
example) are in the next snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulation.emulator import journalled
from emulation.emulator.group_commit import GroupCommit
from emulation.emulator.integrity import JOURNAL_NAME
from emulation.emulator.journal import Journal
from emulation.emulator.snapshot import Encoding, SnapshotStore, StateGetter, fork_and_take, take
from emulation.emulator.stacks import StackProgress
from emulation.emulator.touches import ALL

log = logging.getLogger("emulation.emulator")

#: While it forks the emulator answers nobody: milliseconds on an idle machine, half a second where processors are
#: scarce. It then forks so much less often that it spends a fiftieth of its time on it, but every second.
_REST, _LONGEST_REST = 50.0, 1.0
#: Answers that come close together wait for one snapshot.
_GATHER_SECONDS = 0.005
_LOOK_SECONDS = 2.0
#: Journalled services are written whole when the journal has grown to this size, or to the size of their last snapshot.
_JOURNAL_BYTES = 4_000_000
#: Written seldom: big, always changing, and no loss when the last minute of them is missing.
SLOW = frozenset({"cloudwatch_logs", "cloudwatch"})
SLOW_SECONDS = 60.0


@dataclass
class Durability:
    """Takes snapshots while anything changes; when idle, it only checks a dictionary."""

    store: SnapshotStore
    encoding: Encoding
    journal: Journal
    getters: Callable[[], dict[str, StateGetter]]
    period: float
    commit: GroupCommit
    stacks: StackProgress = field(default_factory=StackProgress)
    #: service -> snapshots still to take. Two, because an answer may precede the work behind it (S3 -> SQS).
    dirty: dict[str, int] = field(default_factory=dict)
    snapshots: int = 0
    last: dict[str, Any] = field(default_factory=dict)
    last_error: str = ""
    _slow_due: float = 0.0
    _fork_seconds: float = 0.0
    _whole_bytes: int = 0
    #: Answers that wait for the next snapshot, and what wakes the one that takes it.
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _next_look: float = 0.0
    _copying: asyncio.Task[None] | None = None

    def touch(self, services: frozenset[str]) -> None:
        for service in services:
            self.dirty[service] = 2

    def changed_behind(self, scope: str) -> frozenset[str]:
        """Services that must be written before a read of this service is answered."""
        return frozenset({ALL}) if scope == "cloudformation" and self.stacks.moved() else frozenset()

    async def written(self, services: frozenset[str]) -> None:
        """Return when a snapshot of ``services`` that began after this call is on disk.

        Raises:
            OSError, ValueError: it could not be written.
        """
        self.touch(services)
        if services <= SLOW:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self._wanted.set()
        await waiting

    async def run(self) -> None:
        """Take snapshots until cancelled."""
        while True:
            started = time.monotonic()
            self._wanted.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await self._once()
                _release(waiting, None)
                self._copy_soon()
            except (OSError, ValueError) as error:
                self.last_error = f"{type(error).__name__}: {error}"
                log.error("snapshot failed: %s", self.last_error)
                _release(waiting, error)
            except asyncio.CancelledError:
                self._waiting += waiting
                raise
            taken = time.monotonic() - started
            rest = max(0.05, self.period - taken, min(_REST * self._fork_seconds, _LONGEST_REST))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), rest)
                await asyncio.sleep(_GATHER_SECONDS)

    def _due(self) -> dict[str, StateGetter]:
        self.journal.flush()
        if self.journal.size > max(_JOURNAL_BYTES, self._whole_bytes):
            self.touch(journalled.STATES)
        if self.stacks.moved():
            self.stacks.note()
            self.touch(frozenset({ALL}))
        if not self.dirty:
            return {}
        wanted, every = set(self.dirty), ALL in self.dirty
        for service in list(self.dirty):
            self.dirty[service] -= 1
            if not self.dirty[service]:
                del self.dirty[service]
        slow = time.monotonic() >= self._slow_due
        if slow and (every or wanted & SLOW):
            self._slow_due = time.monotonic() + SLOW_SECONDS
        return {
            name: getter
            for name, getter in self.getters().items()
            if (every or name in wanted) and (slow or name not in SLOW)
        }

    async def _once(self) -> None:
        due = self._due()
        # Changes that only the journal records make no snapshot due.
        if (due or self._looks_again()) and self.store.forget_if_files_are_gone():
            log.error("files of the newest snapshot are gone; all is written again")
            due = self.getters()
        if not due:
            return
        journal = self._follow_with_new_journal(due)
        pid, pipe, fork_seconds = fork_and_take(self.store, self.encoding, due)
        report = await asyncio.to_thread(collect, pid, pipe)
        if "checksums" not in report:
            self.touch(frozenset(due))
            raise ValueError(report["error"])
        self.store.checksums = report.pop("checksums")
        self._completed(report["errors"], journal)
        self.snapshots += 1
        self._fork_seconds = fork_seconds
        self.last = {**report, "fork_milliseconds": round(fork_seconds * 1000, 1), "at": time.time()}

    def _copy_soon(self) -> None:
        """Copy in a thread, after the responses; concurrent changes are copied the next time."""
        if self._copying is None or self._copying.done():
            self._copying = asyncio.create_task(asyncio.to_thread(self._copy), name="second-copy")

    def _copy(self) -> None:
        try:
            self.store.copy()
        except (OSError, ValueError) as error:
            log.error("the second copy of the state is behind: %s", error)

    def _looks_again(self) -> bool:
        """Check every two seconds that the files still exist, also while nothing is due."""
        now = time.monotonic()
        is_time = now >= self._next_look
        if is_time:
            self._next_look = now + _LOOK_SECONDS
        return is_time

    def _follow_with_new_journal(self, due: dict[str, StateGetter]) -> int | None:
        """The number of the journal that follows, when what it holds is in this snapshot: all of it, or none."""
        if not journalled.STATES & set(due):
            return None
        due |= {name: getter for name, getter in self.getters().items() if name in journalled.STATES}
        number = self.journal.rotate()
        due[JOURNAL_NAME] = lambda: {"first": number}
        return number

    def _completed(self, errors: list[str], journal: int | None) -> None:
        self.last_error = "; ".join(errors)
        if errors:
            log.error("snapshot incomplete: %s", self.last_error)
        elif journal is not None:
            # The generation before can still be gone back to, so its journals stay.
            self.journal.drop_before(self.store.oldest_journal() or journal)
            files = (self.store.current / f"{name}.json" for name in journalled.STATES)
            self._whole_bytes = sum(file.stat().st_size for file in files if file.exists())

    def final(self) -> None:
        """The last snapshot, of all services. A child takes it like all others: the services' protective copies, which
        it leaves out, are most of the work."""
        due = self.getters()
        self.store.forget_if_files_are_gone()
        journal = self._follow_with_new_journal(due)
        pid, pipe, _ = fork_and_take(self.store, self.encoding, due)
        report = collect(pid, pipe)
        if "checksums" not in report:
            log.error("the last snapshot is taken again: %s", report["error"])
            report = vars(take(self.store, self.encoding, due))
        self.store.checksums = report["checksums"]
        self._completed(report["errors"], journal)
        self._copy()
        waiting, self._waiting = self._waiting, []
        _release(waiting, None)


def _release(waiting: list[asyncio.Future[None]], error: Exception | None) -> None:
    for one in waiting:
        if one.done():
            continue
        if error is None:
            one.set_result(None)
        else:
            one.set_exception(error)


def collect(pid: int, pipe: int) -> dict[str, Any]:
    """The child's report, once it has ended; an ``error`` says how it ended if it left none."""
    with os.fdopen(pipe, "rb") as stream:
        report = stream.read()
    _, status = os.waitpid(pid, 0)
    if report:
        return dict(json.loads(report))
    code = os.waitstatus_to_exitcode(status)
    ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return {"error": f"the snapshot child ended without a report: {ended}"}
