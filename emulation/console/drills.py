"""Drills of the running app, run by a configured program: this package knows no app.

``EMULATION_DRILLS`` names its command, which is run in two ways. Documents are JSON, one a line, on standard output:

- ``<command> --json`` lists drills: ``{name, title: {en, ja}, story: {en, ja}, watch: {en, ja}, seconds}``;
  ``watch`` (where its effect shows) may be left out.
- ``<command> <name> --json`` plays one: ``{en, ja, expected: {en, ja}, observed: {en, ja}, holds}``, as it comes; other
  lines are remarks.
  Exit code 0: all lines hold; 1: some differ; 2: it cannot be played here. SIGTERM stops it: it restores what it broke.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_LIST_SECONDS = 30.0
_STOP_SECONDS = 3.0
_KEPT_REMARKS = 50
#: 130 is what shells say of a program that Ctrl-C ended, -15 one that SIGTERM ended before it broke anything.
_OUTCOMES = {0: "holds", 1: "differs", 2: "not here", 130: "stopped", -15: "stopped"}


class UnknownDrill(Exception):
    """The drill is unknown."""


class AlreadyRunning(Exception):
    """Another drill is running: two would see each other's failures."""


class Unlisted(Exception):
    """The command failed to list drills; the message has the end of its output."""


@dataclass
class Run:
    """One drill as it is played. ``outcome``: ``running``, then one of ``_OUTCOMES`` or ``failed``."""

    name: str
    process: subprocess.Popen[str]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    begun: float = field(default_factory=time.monotonic)
    lines: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    outcome: str = "running"
    is_asked_to_stop: bool = False
    took: float = 0.0

    def follow(self) -> None:
        """Read the program's output until it ends."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self._hear(text.rstrip())
        self.took = time.monotonic() - self.begun
        self.outcome = _OUTCOMES.get(self.process.wait(), "failed")

    def _hear(self, text: str) -> None:
        with contextlib.suppress(ValueError):
            found = json.loads(text)
            if isinstance(found, dict) and "holds" in found:
                self.lines.append(found)
                return
        if text:
            self.remarks = [*self.remarks, text][-_KEPT_REMARKS:]

    def to_dict(self) -> dict[str, Any]:
        took = self.took or time.monotonic() - self.begun
        return {"id": self.id, "name": self.name, "outcome": self.outcome, "seconds": round(took, 1),
                "lines": list(self.lines), "remarks": self.remarks}  # fmt: skip


class Drills:
    """Lists drills and plays one at a time; the last run is kept until the next."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._run: Run | None = None
        self._names: list[str] = []

    def all(self) -> list[dict[str, Any]]:
        """The drills as the command lists them now; none without a command.

        Raises:
            Unlisted: it fails, or prints something else.
        """
        if not self._command:
            return []
        try:
            done = subprocess.run(
                [*self._command, "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=_LIST_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unlisted(f"EMULATION_DRILLS: expected a command that lists drills, got {error}") from error
        if done.returncode:
            raise Unlisted(f"EMULATION_DRILLS: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self._names = [one["name"] for one in found]
        return found

    def last(self) -> dict[str, Any] | None:
        """The running drill, or the last one."""
        return self._run.to_dict() if self._run else None

    def start(self, name: str) -> dict[str, Any]:
        """Start a drill.

        Raises:
            UnknownDrill: it is not listed.
            AlreadyRunning: another one has not ended.
            Unlisted: see ``all``.
        """
        if name not in self._names:
            self.all()
        if name not in self._names:
            raise UnknownDrill(f"drill: expected one of {', '.join(self._names) or 'none'}, got {name!r}")
        with self._lock:
            if self._run and self._run.outcome == "running":
                raise AlreadyRunning(f"{self._run.name} is running: wait for its end, or stop it")
            process = subprocess.Popen(
                [*self._command, name, "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            self._run = Run(name, process)
        threading.Thread(target=self._run.follow, name=f"drill {name}", daemon=True).start()
        return self._run.to_dict()

    def stop(self) -> None:
        """Ask the running drill, once, to restore the system and to end."""
        run = self._run
        if run and run.outcome == "running" and not run.is_asked_to_stop:
            run.is_asked_to_stop = True
            run.process.terminate()

    def close(self) -> None:
        """Stop, and wait briefly while the drill restores the system."""
        self.stop()
        if self._run:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._run.process.wait(_STOP_SECONDS)
