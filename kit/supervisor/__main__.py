"""The daemon: ``python -m kit.supervisor``. SIGHUP reads the table again, SIGTERM stops everything."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from emulation.private import keep_private
from kit import processes
from kit.settings import Settings
from kit.supervisor import records, rotate
from kit.supervisor.managed import Managed, State

NAME = "supervisor"
_ROTATE_SECONDS = 10.0
_THREADS = 32


class Supervisor:
    """Holds one task per process and writes ``run/status.json`` on every change of state."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._managed: dict[str, Managed] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._reload = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        # One for each process that is asked or stopped: none waits for the end of others.
        loop.set_default_executor(ThreadPoolExecutor(_THREADS))
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        loop.add_signal_handler(signal.SIGINT, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        records.write(self._settings.run, NAME, os.getpid(), processes.supervisor_fingerprint())
        self._reload.set()
        rotator = asyncio.create_task(self._rotate_logs())
        while self._reload.is_set():
            await self._keep_until_stopped()
            # `make up` after a `make down` that was interrupted asks for a reload while all is being stopped.
            self._stopping.clear()
        rotator.cancel()
        records.forget(self._settings.run, NAME)

    async def _keep_until_stopped(self) -> None:
        while not self._stopping.is_set():
            if self._reload.is_set():
                self._reload.clear()
                await self._apply(processes.read_launches(self._settings))
            await self._next_signal()
        self._reload.clear()  # what was asked for before the stop
        await self._stop(list(self._managed))
        self._managed.clear()

    async def _next_signal(self) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (self._stopping, self._reload)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()

    async def _apply(self, launches: list[processes.Launch]) -> None:
        """Stop processes that were removed or changed; start new, changed and failed ones; keep the others."""
        wanted = {launch.name: launch for launch in launches}
        leaving = [
            n
            for n, m in self._managed.items()
            if n not in wanted or m.launch.fingerprint != wanted[n].fingerprint or m.state is State.FAILED
        ]
        await self._stop(leaving)
        for name in leaving:
            del self._managed[name]
        for managed in self._managed.values():
            managed.keep_record()
        await self._end_strangers(wanted)
        new = [launch for launch in launches if launch.name not in self._managed]
        for launch in new:
            self._managed[launch.name] = Managed(launch, self._settings.run, self._settings.logs, self._write_status)
        for launch in new:
            _log(f"taking care of {launch.name}")
            self._tasks[launch.name] = asyncio.create_task(self._managed[launch.name].keep_alive(self._managed))
        self._write_status()

    async def _end_strangers(self, wanted: dict[str, processes.Launch]) -> None:
        """Stop processes of an earlier supervisor that were removed or changed since. Dependencies are stopped last."""
        found = {
            name: record
            for name, record in records.read_all(self._settings.run).items()
            if name not in (NAME, *self._managed)
            and (name not in wanted or record.fingerprint != wanted[name].fingerprint)
        }
        needed = {need for launch in wanted.values() for need in launch.needs}
        for group in (found.keys() - needed, found.keys() & needed):
            patience = {name: wanted[name].stop_seconds if name in wanted else 5 for name in group}
            await asyncio.gather(*(asyncio.to_thread(records.end, found[n], patience[n]) for n in group))
            for name in group:
                records.forget(self._settings.run, name)

    async def _stop(self, names: list[str]) -> None:
        """Stop all, each after those that depend on it. None depends on the watchdog, so it never sees its supervisor
        die."""
        for name in names:
            task = self._tasks.pop(name)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        stops: dict[str, asyncio.Task[None]] = {}
        for name in names:
            stops[name] = asyncio.create_task(self._stop_after_users(name, stops))
        await asyncio.gather(*stops.values())

    async def _stop_after_users(self, name: str, stops: dict[str, asyncio.Task[None]]) -> None:
        """Once those that need it have stopped."""
        users = [stop for user, stop in stops.items() if name in self._managed[user].launch.needs]
        if users:
            await asyncio.wait(users)
        await self._managed[name].stop()
        _log(f"stopped {name}")

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(_ROTATE_SECONDS)
            with contextlib.suppress(OSError):
                await asyncio.to_thread(rotate.rotate, self._settings.logs)
            for name, task in self._tasks.items():
                if task.done() and not task.cancelled() and task.exception():
                    _log(f"the keeper of {name} failed: {task.exception()!r}")

    def _write_status(self) -> None:
        file = self._settings.run / "status.json"
        temporary = file.with_suffix(".tmp")
        temporary.write_text(json.dumps([m.describe() for m in self._managed.values()]), "utf-8")
        temporary.replace(file)


def _log(message: str) -> None:
    line = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "service": NAME, "message": message}
    print(json.dumps(line), flush=True)


def _only_one(settings: Settings) -> IO[str] | None:
    """The lock of the checkout's only supervisor; None when another holds it. Freed at death."""
    settings.run.mkdir(parents=True, exist_ok=True)
    lock = (settings.run / "supervisor.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def main() -> int:
    keep_private()
    settings = Settings.load()
    lock = _only_one(settings)
    if lock is None:
        _log("another supervisor runs already")
        return 0
    with lock:
        asyncio.run(Supervisor(settings).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
