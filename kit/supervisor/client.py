"""Commands to the supervisor: start, reload, stop, wait."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from emulation.emulator.environment import left_sockets
from emulation.emulator.lambdas.templates import ask_left
from kit import ports, shell
from kit.processes import Launch, launch_file, read_launches, supervisor_fingerprint
from kit.settings import Settings
from kit.steps import FailedElsewhere
from kit.supervisor import health, records, recovered

NAME = "supervisor"
_STOP_SECONDS = 45.0
#: Whether the supervisor wrote something new, and at the processes themselves without that.
_LOOK_SECONDS, _LOOK_ANYWAY_SECONDS = 0.03, 0.3
#: A process that dies this often while one waits for it will not come up.
_HOPELESS_RESTARTS = 4


class NotHealthy(Exception):
    """A process did not become healthy in time; the message names it and shows the end of its log."""


class NotStarting(NotHealthy, FailedElsewhere):
    """A process, perhaps one that another needs, said that it cannot start; the message begins with its name."""


@dataclass(frozen=True)
class Status:
    """One process as the supervisor sees it."""

    name: str
    state: str
    pid: int | None
    startedAt: float | None
    restarts: int
    reason: str
    #: Epoch seconds at which it entered ``state``.
    since: float = 0.0


def is_running(settings: Settings) -> bool:
    """Also where its record is damaged."""
    if (record := records.read(settings.run, NAME)) is not None:
        return record.is_alive()
    return NAME in recovered.unrecorded(settings)


def start(settings: Settings) -> None:
    """Start the daemon in a session of its own; harmless when one runs already."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    settings.run.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "ASYNCSNS_PORT_OFFSET": str(settings.port_offset)}
    with (settings.logs / "supervisor.log").open("ab") as log:
        subprocess.Popen(
            # By its last argument it is found when its record is damaged.
            [sys.executable, "-m", "kit.supervisor", str(settings.home)],
            cwd=settings.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def ensure(settings: Settings) -> bool:
    """Start the daemon, or have the running one read the table again; True when it was one of other code.

    A supervisor with other code is killed, and its processes go on: the new one adopts unchanged ones and ends the
    others.
    """
    record = records.read_alive(settings.run, NAME)
    if record and record.fingerprint == supervisor_fingerprint():
        os.kill(record.pid, signal.SIGHUP)
        return False
    if record:
        _kill_supervisor(settings, record)
    start(settings)
    return record is not None


def _kill_supervisor(settings: Settings, record: records.Record) -> None:
    """End its watchdog first, which would start another supervisor."""
    if watchdog := records.read(settings.run, "watchdog"):
        records.end(watchdog, 1)
    os.kill(record.pid, signal.SIGKILL)
    while record.is_alive():
        time.sleep(0.02)


def stop(settings: Settings) -> list[str]:
    """Stop the supervisor and all its processes, including those of a dead one; returns the names that were alive."""
    recovered.recover(settings)
    alive = [name for name, record in records.read_all(settings.run).items() if record.is_alive()]
    if supervisor := records.read_alive(settings.run, NAME):
        records.end(supervisor, _STOP_SECONDS)
    # Had it to be killed, the watchdog may be bringing it back: that one goes before all others.
    for name in ("watchdog", NAME):
        if record := records.read(settings.run, name):
            records.end(record, 1)
            records.forget(settings.run, name)
    patience = {launch.name: launch.stop_seconds for launch in read_launches(settings)}
    for name, record in records.read_all(settings.run).items():
        records.end(record, patience.get(name, 5))
        records.forget(settings.run, name)
    # Execution environments wait for the next emulator where this one was killed, not stopped.
    ask_left(left_sockets(settings.emulation), "end")
    (settings.run / "status.json").unlink(missing_ok=True)
    return alive


def statuses(settings: Settings) -> dict[str, Status]:
    """The supervisor's last status; empty when it never ran."""
    try:
        rows = json.loads((settings.run / "status.json").read_text("utf-8"))
        return {row["name"]: Status(**row) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def wait_healthy(settings: Settings, launch: Launch, seconds: float) -> None:
    """Wait until the process of this very launch (same code, same settings) answers.

    Raises:
        NotHealthy: it did not within ``seconds``.
        NotStarting: it, or one that it needs, said that it cannot start.
    """
    asked_at = launch_file(settings).stat().st_mtime
    deadline = time.monotonic() + seconds
    seen = "not started"
    deaths: int | None = None
    known, look_at = -1, 0.0
    while time.monotonic() < deadline:
        shell.check_stopping()
        if (written := _written(settings)) == known and time.monotonic() < look_at:
            time.sleep(_LOOK_SECONDS)
            continue
        known, look_at = written, time.monotonic() + _LOOK_ANYWAY_SECONDS
        record = records.read(settings.run, launch.name)
        if record and record.fingerprint == launch.fingerprint and record.is_alive():
            seen = _told_by_supervisor(settings, launch, record)
            if health.is_up(seen) and launch.health_url:
                seen = health.check(launch.health_url)
            if health.is_up(seen):
                seen = _stranger(launch, record) or seen
            if health.is_up(seen):
                return
        elif status := _unless_failed(settings, launch, asked_at):
            deaths = status.restarts if deaths is None else min(deaths, status.restarts)
            if status.restarts - deaths >= _HOPELESS_RESTARTS:
                seen = f"it ended {status.restarts - deaths} times, the last: {status.reason}"
                break
    log = tail(settings, launch.name)
    raise NotHealthy(f"{launch.name} is not up after {seconds:.0f} s ({seen}); end of its log:\n{log}")


def _written(settings: Settings) -> int:
    """When the supervisor last wrote what it sees; 0 when it never did."""
    try:
        return (settings.run / "status.json").stat().st_mtime_ns
    except OSError:
        return 0


def _told_by_supervisor(settings: Settings, launch: Launch, record: records.Record) -> str:
    """It asks each process for its health until that is up; who waits for one need not ask the same."""
    status = statuses(settings).get(launch.name)
    if status is None or status.pid != record.pid:
        return "not seen by the supervisor yet"
    return "ok" if status.state == "running" else status.state


def _unless_failed(settings: Settings, launch: Launch, since: float) -> Status | None:
    """The status of a process.

    Raises:
        NotStarting: ``since`` then it, or one that it needs, said that it cannot start.
    """
    known = statuses(settings)
    for name in (launch.name, *launch.needs):
        if (found := known.get(name)) and found.state == "failed" and found.since > since:
            raise NotStarting(f"{name} does not start.\n\n{found.reason}")
    return known.get(launch.name)


def _stranger(launch: Launch, record: records.Record) -> str | None:
    """The process that answers instead of ours; None when it is ours, or when the system does not tell."""
    port = urlsplit(launch.health_url or "").port
    pid = ports.holder_of(port).pid if port else None
    if pid is None or records.group_of(pid) in (None, record.pid):
        return None
    return f"down: port {port} is held by {ports.command_of(pid)} (pid {pid}), not by ours"


def tail(settings: Settings, name: str, lines: int = 15) -> str:
    """The last lines of a process's log."""
    try:
        text = (settings.logs / f"{name}.log").read_text("utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:])
