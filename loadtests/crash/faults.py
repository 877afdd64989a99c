"""Faults of the network: processes killed, stopped and ended, files damaged. Chosen by a seed, logged as a line."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from emulation import mended
from emulation.emulator import copies
from emulation.emulator.manifest import read_manifest
from emulation.guard import HELPER_HEADERS
from kit import processes
from kit.settings import Settings
from kit.supervisor import client, records
from kit.system import without_room
from loadtests.crash import clocks

_KEEPERS = ("supervisor", "watchdog")
#: Servers that write state.
_WRITERS = ("emulator", "pump", "search", "push")
_STOPPED_SECONDS = (0.5, 4.0)
_CLOCK_SECONDS = (20.0, 240.0)
_PATIENCE_SECONDS = 60.0


class Faults:
    """Each method is one fault and returns what it did. Afterwards the network heals by itself or was started again."""

    def __init__(self, settings: Settings, chance: random.Random) -> None:
        self._settings, self._chance = settings, chance
        self._servers = [row.name for row in processes.read_launches(settings) if row.name not in _KEEPERS]

    def draw(self, kinds: Sequence[str]) -> str:
        """Which fault is next."""
        return self._chance.choice(kinds)

    def strike(self, kind: str) -> str:
        """Do it; names of processes, joined by ``+``, kill these at once."""
        known: dict[str, Callable[[], str]] = {
            "one": self.kill_one,
            "pair": self.kill_pair,
            "all": self.kill_all,
            "keepers": self.kill_keepers,
            "functions": self.kill_functions,
            "stop": self.stop_one,
            "down": self.down_and_up,
            "damage": self.damage,
            "clock": self.set_clock,
            "disk": self.fill_disk,
        }
        return known[kind]() if kind in known else self._kill(kind.split("+"))

    def kill_one(self) -> str:
        return self._kill([self._chance.choice(self._servers)])

    def kill_pair(self) -> str:
        return self._kill(self._chance.sample(self._servers, 2))

    def kill_all(self) -> str:
        """Kill the supervisor first; then do the first step of `make up`."""
        done = self._kill([*_KEEPERS, *self._servers])
        client.ensure(self._settings)
        return f"{done}; started again"

    def kill_keepers(self) -> str:
        """The one that is left brings the other back."""
        return self._kill([self._chance.choice(_KEEPERS)])

    def kill_functions(self) -> str:
        """Every execution environment that works at this moment."""
        with suppress(httpx.HTTPError):
            url = f"{self._settings.url('emulator')}/_asyncsns/environments"
            found = httpx.get(url, headers=HELPER_HEADERS, timeout=5).json()["environments"]
            busy = [one for one in found if one["running"]]
            for one in busy:
                with suppress(ProcessLookupError):
                    os.kill(one["pid"], signal.SIGKILL)
            return "kill -9 of " + (", ".join(sorted(one["function"] for one in busy)) or "no function: none worked")
        return "no functions to kill: the emulator does not answer"

    def stop_one(self) -> str:
        """SIGSTOP, and on again after a while, as a machine that swaps or a laptop whose lid closes."""
        name, seconds = self._chance.choice(self._servers), self._chance.uniform(*_STOPPED_SECONDS)
        record = records.read_alive(self._settings.run, name)
        if record is None:
            return f"{name} was down already"
        records.signal_group(record.pid, signal.SIGSTOP)
        time.sleep(seconds)
        records.signal_group(record.pid, signal.SIGCONT)
        return f"SIGSTOP of {name} for {seconds:.1f} s"

    def down_and_up(self) -> str:
        client.stop(self._settings)
        client.ensure(self._settings)
        return "make down, make up"

    def set_clock(self) -> str:
        """Forwards or back by minutes: signatures of the true time are still good (AWS takes 5 minutes)."""
        seconds = self._chance.choice((-1, 1)) * self._chance.uniform(*_CLOCK_SECONDS)
        clocks.set_clock(self._settings, seconds)
        return f"clock of {' and '.join(clocks.CLOCKED)} {seconds:+.0f} s"

    def fill_disk(self) -> str:
        """One process can write nothing for a while, so it must not acknowledge changes."""
        name, seconds = self._chance.choice(_WRITERS), self._chance.uniform(*_STOPPED_SECONDS)
        record = records.read_alive(self._settings.run, name)
        if record is None:
            return f"{name} was down already"
        try:
            with without_room(record.pid):
                time.sleep(seconds)
        except NotImplementedError as error:
            return f"the disk of {name} was not filled: {error}"
        return f"disk of {name} full for {seconds:.1f} s"

    def damage(self) -> str:
        """Truncate or corrupt a file while nothing runs. The start must repair it from an intact source, and name
        it."""
        self._kill([*_KEEPERS, *self._servers])
        _wait_for_last_snapshot(self._settings.state)
        name, file = self._chance.choice(_damageable(self._settings.state))
        content = bytearray(file.read_bytes())
        how = self._chance.choice(("truncated", "garbled"))
        at = self._chance.randrange(len(content) // 4, max(len(content) // 4 + 1, 3 * len(content) // 4))
        if file.suffix == ".sqlite":
            at = 0  # in the middle it may be a page that nothing is on
        # In place: files are shared by the generations of the state.
        file.write_bytes(content[:at] if how == "truncated" else content[:at] + b"\x00garbage\n" + content[at + 9 :])
        before, begun = mended.reports(self._settings.state), time.time()
        client.ensure(self._settings)
        said = self._wait_until_named(name, file, begun, before)
        if name == "search":
            self._refill_search()
        return f"{file.name} {how} at byte {at}: {said}"

    def _refill_search(self) -> None:
        """As `make up` does it, once the others are there again.

        Raises:
            TimeoutError: it does not work.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        command = [str(self._settings.venv / "bin" / "python"), "-m", "kit.reindex", "--outdated"]
        while subprocess.run(command, cwd=self._settings.root, capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                raise TimeoutError("the search indices could not be filled again")
            time.sleep(0.5)

    def _wait_until_named(self, name: str, file: Path, begun: float, before: list[str]) -> str:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            status = client.statuses(self._settings).get(name)
            if status is None or status.since < begun:  # Of the supervisor that was killed.
                time.sleep(0.1)
                continue
            if status.state == "failed":
                return f"NOT PUT RIGHT: {status.reason[:300]}"
            if status.state == "running":
                lines = [line for line in mended.reports(self._settings.state) if line not in before]
                told = next((line for line in lines if f" {file} was damaged: " in line), None)
                return (
                    f"put right by {name}" if told and "Nothing is lost" in told else f"SILENT: {told or 'no report'}"
                )
            time.sleep(0.1)
        return f"SILENT: {name} neither started nor said why"

    def _kill(self, names: list[str]) -> str:
        """All at once; on a busy machine a killed process may live on for a moment, and be taken for one that runs."""
        killed: dict[str, records.Record] = {}
        for name in names:
            if record := records.read_alive(self._settings.run, name):
                with suppress(ProcessLookupError):
                    os.kill(record.pid, signal.SIGKILL)
                    killed[name] = record
        while any(record.is_alive() for record in killed.values()):
            time.sleep(0.01)
        return f"kill -9 of {', '.join(killed) or 'nothing: all were down'}"


def _wait_for_last_snapshot(state: Path) -> None:
    """The child that writes a snapshot outlives a killed emulator, and has its lock until it is done."""
    with (state / "emulator" / "snapshots" / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def _damageable(state: Path) -> list[tuple[str, Path]]:
    """(process, file) of what has a second copy, or can be made from other state."""
    root = state / "emulator" / "snapshots"
    current = root / (root / "current").readlink()
    files = read_manifest(current) or {}
    copied = [name for name, described in files.items() if copies.of_file(root, name, described) is not None]
    others = {
        "pump": state / "pump" / "checkpoints.json",
        "push": state / "push" / "push.sqlite",
        "search": state / "search" / "store.sqlite",
    }
    found = [(name, file) for name, file in others.items() if file.exists()]
    return [("emulator", current / name) for name in copied] + found
