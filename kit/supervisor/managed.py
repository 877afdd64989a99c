"""One managed process: start or adopt, watch, restart with back-off, stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from emulation import heartbeat
from emulation.damage import EXIT_DAMAGED
from kit import system
from kit.processes import Launch
from kit.supervisor import forked, health, records

#: Between two looks at a process: the system tells of its end, or it does not.
_WATCH_SECONDS_TOLD, _WATCH_SECONDS = 5.0, 0.2
#: How long a process lets those start first that it should come after.
_AFTER_SECONDS = 10.0
#: How long a process waits for the one that forks it before it starts as a program of its own.
_PRELOAD_SECONDS = 20.0
_HEALTH_SECONDS_STARTING = 0.05
_HEALTH_SECONDS = 3.0
#: A process that has neither answered nor shown a heartbeat for this long is killed and started again.
_HANG_SECONDS = 60.0
_BACKOFF_FIRST, _BACKOFF_MOST = 0.2, 10.0
#: A process that had been up for this long is started again at once, and its back-off starts over.
_STABLE_SECONDS = 5.0
#: The sentence names what is damaged and what to do; these are this checkout's commands for it.
_COMMANDS = "`make up` starts again, `make reset` empties the state, `make reindex` fills the search indices again."


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"
    #: It said that its state is damaged; only a reload (``make up``) tries again.
    FAILED = "failed"
    STOPPED = "stopped"


class Managed:
    """Keeps one process alive until ``stop``. ``up`` is set while it can serve."""

    def __init__(self, launch: Launch, run: Path, logs: Path, changed: Callable[[], None]) -> None:
        self.launch = launch
        self.state = State.WAITING
        self.restarts = 0
        #: Epoch seconds at which ``state`` was entered.
        self.since = time.time()
        self.reason = ""
        self.up = asyncio.Event()
        self._run, self._logs, self._changed = run, logs, changed
        self._record: records.Record | None = None
        self._child: subprocess.Popen[bytes] | forked.Forked | None = None
        self._backoff = _BACKOFF_FIRST
        self._up_since: float | None = None

    async def keep_alive(self, others: dict[str, Managed]) -> None:
        """Run until cancelled (do that before ``stop``), or until it has ``FAILED``."""
        for need in () if self.launch.beside else self.launch.needs:
            # Looked up again each second: a reload may have replaced it.
            while need in others and not others[need].up.is_set():
                self._say(f"{need} is not up")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(others[need].up.wait(), 1)
        self._say("")
        self._adopt()
        while True:
            if self._record is None:
                await self._let_start_first(others)
                await self._let_preload(others)
                self._start()
            self._up_since = None
            self._enter(State.STARTING)
            watch = asyncio.create_task(self._watch_health())
            try:
                await self._wait_for_death(watch)
            finally:
                watch.cancel()
            self.up.clear()
            damaged = self._child is not None and self._child.returncode == EXIT_DAMAGED
            self._clean_up_group()
            if damaged:
                self.reason = f"{_last_line(self._logs / f'{self.launch.name}.log')}\n{_COMMANDS}"
                self._enter(State.FAILED)
                return
            self.restarts += 1
            self._enter(State.BACKOFF)
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        """Seconds until the next start."""
        if self._up_since is not None and time.monotonic() - self._up_since > _STABLE_SECONDS:
            self._backoff = 0.0
        pause, self._backoff = self._backoff, min(max(self._backoff * 2, _BACKOFF_FIRST), _BACKOFF_MOST)
        return pause

    async def _let_start_first(self, others: dict[str, Managed]) -> None:
        """Wait for the processes that come before this one; one that does not come up delays it only briefly.

        A process that starts beside those that it needs waits no longer than they take.
        """
        wishes = [self.launch.after, *([self.launch.needs] if self.launch.beside else [])]
        waits = [asyncio.create_task(_all_up([others[n] for n in names if n in others])) for names in wishes]
        try:
            await asyncio.wait(waits, timeout=_AFTER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()

    async def _let_preload(self, others: dict[str, Managed]) -> None:
        """Wait for the process that forks this one, while it comes up for the first time."""
        for one in others.values():
            if self.launch.preload and one.launch.health_url == f"unix://{self.launch.preload}":
                with contextlib.suppress(TimeoutError):
                    while one.state in (State.WAITING, State.STARTING):
                        await asyncio.wait_for(one.up.wait(), _PRELOAD_SECONDS)

    async def stop(self) -> None:
        """SIGTERM, patience, SIGKILL; the record is removed."""
        self.up.clear()
        if self._record is not None:
            await asyncio.to_thread(records.end, self._record, self.launch.stop_seconds)
            self._record = None
        self._let_go_of_child()
        records.forget(self._run, self.launch.name)
        self._enter(State.STOPPED)

    def keep_record(self) -> None:
        """Write the record again if it was damaged or removed."""
        record = self._record
        if record is not None and record.is_alive() and records.read(self._run, self.launch.name) != record:
            records.put(self._run, self.launch.name, record)

    def describe(self) -> dict[str, object]:
        return {
            "name": self.launch.name,
            "state": str(self.state),
            "pid": self._record.pid if self._record else None,
            "startedAt": self._record.at if self._record else None,
            "restarts": self.restarts,
            "since": self.since,
            "reason": self.reason,
        }

    def _adopt(self) -> None:
        """Take over the process of an earlier supervisor when it is the same program, else end it."""
        found = records.read(self._run, self.launch.name)
        if found is None:
            return
        if found.is_alive() and found.fingerprint == self.launch.fingerprint:
            self._record = found
        else:
            records.end(found, self.launch.stop_seconds)

    def _start(self) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{self.launch.name}.log").open("ab") as log:
            child = forked.fork(self.launch, log) if self.launch.preload else None
            self._child = child or subprocess.Popen(
                self.launch.argv,
                cwd=self.launch.cwd,
                env=self.launch.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._record = records.write(self._run, self.launch.name, self._child.pid, self.launch.fingerprint)
        except ProcessLookupError:
            self._record = records.Record(self._child.pid, "gone", time.time())
        if child is not None:
            child.begin()

    async def _wait_for_death(self, watch: asyncio.Task[None]) -> None:
        with _told_of_end(self._record) as (ended, is_told):
            while True:
                if self._child is not None and (code := self._child.poll()) is not None:
                    self.reason = _explain(code)
                    return
                if self._record is None or not self._record.is_alive():
                    self.reason = "ended (adopted process, exit code unknown)"
                    return
                if watch.done():
                    watch.result()
                    self.reason = f"showed no sign of life for {_HANG_SECONDS:.0f} s"
                    return
                seconds = _WATCH_SECONDS_TOLD if is_told else _WATCH_SECONDS
                await asyncio.wait({watch, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def _watch_health(self) -> None:
        """Return when the process hangs; set ``up`` while it answers. Without a URL, alive means up."""
        url = self.launch.health_url
        if url is None:
            self._mark_up()
            await asyncio.Event().wait()
            return
        last_sign, seen = time.monotonic(), heartbeat.last_beat(self.launch.env)
        while time.monotonic() - last_sign < _HANG_SECONDS:
            if self.up.is_set() or health.listens(url):
                # As patient as the rule: on a busy machine an answer may take longer than a person would wait for it.
                status = await asyncio.to_thread(health.check, url, _HANG_SECONDS)
            else:
                status = "down: refuses connections"
            before, seen = seen, heartbeat.last_beat(self.launch.env)
            if seen != before or not status.startswith("down"):
                last_sign = time.monotonic()
            if health.is_up(status) and not self.up.is_set():
                self._mark_up()
            await asyncio.sleep(_HEALTH_SECONDS if self.up.is_set() else _HEALTH_SECONDS_STARTING)

    def _mark_up(self) -> None:
        self.up.set()
        self._up_since = time.monotonic()
        self._enter(State.RUNNING)

    def _clean_up_group(self) -> None:
        """End all children of a dead process: they would hold ports and state."""
        if self._record is not None:
            records.end(self._record, 0)
            self._record = None
        if self._child is not None:
            self._child.poll()
        self._let_go_of_child()

    def _let_go_of_child(self) -> None:
        if isinstance(self._child, forked.Forked):
            self._child.close()
        self._child = None

    def _say(self, reason: str) -> None:
        if self.reason != reason:
            self.reason = reason
            self._changed()

    def _enter(self, state: State) -> None:
        self.state, self.since = state, time.time()
        self._changed()


async def _all_up(awaited: list[Managed]) -> None:
    for one in awaited:
        await one.up.wait()


@contextlib.contextmanager
def _told_of_end(record: records.Record | None) -> Iterator[tuple[asyncio.Future[None], bool]]:
    """A future that is done when the process has ended, and whether the system tells of that."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    handle = system.end_of(record.pid) if record is not None else None
    if handle is None:
        yield ended, False
        return

    def note() -> None:
        loop.remove_reader(handle)
        if not ended.done():
            ended.set_result(None)

    loop.add_reader(handle, note)
    try:
        yield ended, True
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def _last_line(log: Path) -> str:
    """The last output of a process before it ended."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return lines[-1] if lines else ""


def _explain(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
