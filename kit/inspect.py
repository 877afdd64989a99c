"""Inspects the network: status table, logs, summary; also empties the state."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from emulation.emulator.environment import left_sockets
from emulation.emulator.lambdas.templates import ask_left
from kit import console, credentials, processes, saves, stopped, system
from kit.processes import Launch, read_launches
from kit.settings import Settings
from kit.supervisor import client, health, records

_EMULATOR = "emulator"
#: The meaning of the column, by ``system.memory_unit``.
_UNITS = {
    "PSS": "PSS: what processes share counts once",
    "RSS": "RSS: what processes share counts for each, so this is an upper bound",
}


def memory(settings: Settings) -> dict[str, int]:
    """Bytes by name of each living process of the kit with its children, in ``system.memory_unit``: the emulator's
    Lambda environments are its own."""
    alive = {name: record.pid for name, record in records.read_all(settings.run).items() if record.is_alive()}
    # These are its children only until it is killed: the next one takes them over.
    templates = ask_left(left_sockets(settings.emulation), "pid") if _EMULATOR in alive else []
    sizes = system.memory_of([*alive.values(), *templates])
    found = {name: sizes[pid] for name, pid in alive.items()}
    if templates:
        found[_EMULATOR] += sum(sizes[pid] for pid in templates)
    return found


def unguarded(settings: Settings) -> str | None:
    """What to say of servers that run without the supervisor; None when there are none."""
    alive = sorted(name for name, record in records.read_all(settings.run).items() if record.is_alive())
    if client.is_running(settings) or not alive:
        return None
    return f"the supervisor is not running, so nothing restarts {', '.join(alive)}; `make up` starts it"


def print_status(settings: Settings) -> int:
    """One row per process; returns 0 when all are healthy, else 1."""
    running = client.is_running(settings)
    launches = read_launches(settings) or (processes.launches(settings) if running else [])
    if not running:
        console.say(unguarded(settings) or stopped.reason(settings) or "not running; `make up` starts it")
        return 1
    states = client.statuses(settings)
    with ThreadPoolExecutor(max_workers=len(launches)) as pool:
        checks = dict(zip((row.name for row in launches), pool.map(_health, launches), strict=True))
    known = {name: record for name, record in records.read_all(settings.run).items() if record.is_alive()}
    sizes = memory(settings)
    rows = []
    if supervisor := known.get(client.NAME):
        rows.append(_row(client.NAME, supervisor, sizes.get(client.NAME), "ok", 0, ""))
    for launch in launches:
        record, state = known.get(launch.name), states.get(launch.name)
        verdict = checks[launch.name] if record else _of_state(state)
        restarts = state.restarts if state else 0
        rows.append(_row(launch.name, record, sizes.get(launch.name), verdict, restarts, launch.url or ""))
    unit = system.memory_unit()
    console.say(console.table(("PROCESS", "PID", "UPTIME", f"MEMORY ({unit})", "RESTARTS", "HEALTH", "URL"), rows))
    whole = f"{console.human_bytes(sum(sizes.values()))} in all, Lambda environments with the emulator"
    console.say(console.dim(f"{whole}; {_UNITS[unit]}"))
    console.say(console.dim(f"state: {relative(settings, settings.state)}"))
    for state in states.values():
        if state.state == "failed":
            console.say(console.red(f"\n{state.reason}"))
    return 0 if all(health.is_up(check) for check in checks.values()) and len(known) > len(launches) - 1 else 1


def _of_state(state: client.Status | None) -> str:
    """In a table; why a process failed is a long sentence and stands below it."""
    if state is None:
        return "not started"
    return state.state if state.state == "failed" or not state.reason else f"{state.state}: {state.reason}"


def _health(launch: Launch) -> str:
    return health.check(launch.health_url) if launch.health_url else "ok"


def _row(
    name: str, record: records.Record | None, size: int | None, verdict: str, restarts: int, url: str
) -> tuple[str, ...]:
    if record is None:
        return (name, "-", "-", "-", str(restarts), verdict, url)
    uptime = console.human_seconds(time.time() - record.at)
    used = "-" if size is None else console.human_bytes(size)
    return (name, str(record.pid), uptime, used, str(restarts), verdict, url)


def print_logs(settings: Settings, service: str | None) -> None:
    """The last lines of one log or of all; on a terminal goes on until Ctrl-C.

    Raises:
        ValueError: the log does not exist; the message lists what there is.
    """
    files = sorted(settings.logs.glob("*.log"))
    if service is not None:
        files = [file for file in files if file.stem == service]
        if not files:
            known = ", ".join(sorted(file.stem for file in settings.logs.glob("*.log"))) or "none yet"
            raise ValueError(f"no log of {service!r}: expected one of {known}")
    if not files:
        console.say("no logs yet; `make up` starts what writes them")
        return
    follow = ["-f"] if sys.stdout.isatty() and not os.environ.get("CI") else []
    lines = "100" if service else "10"
    try:
        subprocess.run(["tail", "-n", lines, *follow, *map(str, files)], check=False)
    except KeyboardInterrupt:
        return


def empty_state(settings: Settings) -> None:
    """Remove all data and the results of the last deployment; installed packages stay."""
    saves.forget_loading(settings)
    for folder in (settings.state, settings.run):
        _remove(folder)
    for file in (settings.outputs_file, settings.endpoints_file):
        file.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """Rename it first, in one step: a partly deleted state would count as damaged at the next start.

    Raises:
        ValueError: it cannot be removed.
    """
    going = folder.with_name(f"{folder.name}.going")
    shutil.rmtree(going, ignore_errors=True)
    with contextlib.suppress(OSError):  # nothing there, or a mount point
        folder.rename(going)
    for one in (going, folder):
        shutil.rmtree(one, ignore_errors=True)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} cannot be emptied: expected the right to write there; look at its owner and mount")


def remove_all(settings: Settings) -> None:
    """Remove everything that was installed and built, and the state; sources stay."""
    made = (
        ".asyncsns",
        "node_modules",
        "frontend-static/node_modules",
        "tools/api-types/node_modules",
        "emulation/localstack/kinesis/node_modules",
        "frontend-static/dist",
        "cdk.out",
    )
    for name in made:
        shutil.rmtree(settings.root / name, ignore_errors=True)


def endpoints(settings: Settings) -> dict[str, Any]:
    """``endpoints.json`` as the finish step wrote it; empty before."""
    try:
        loaded: dict[str, Any] = json.loads(settings.endpoints_file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def summary(settings: Settings, served: Mapping[str, str]) -> str:
    """URLs and logins, for a person. ``served``: server → URL, of those that this start brought up."""
    edge = f"http://localhost:{settings.port('edge')}"
    lines = [f"  {console.bold('Open')}     {edge}"]
    for name, title in (("console", "Console"), ("emulator", "AWS"), ("search", "Search")):
        if name in served:
            lines.append(f"  {title:<8} {served[name]}")
    if settings.credentials_file.exists():
        file = relative(settings, settings.credentials_file)
        lines.append(f"  {'':<8} AWS_SHARED_CREDENTIALS_FILE={file} AWS_PROFILE={credentials.PROFILE}")
    logins = endpoints(settings).get("logins", [])
    lines += [
        f"  {'Logins' if i == 0 else '':<8} {login['email']}  {login['password']}  {login['role']}"
        for i, login in enumerate(logins)
    ]
    lines.append(console.dim("  make status · make logs S=emulator · make down · make reset"))
    return "\n".join(lines)


def relative(settings: Settings, path: Path) -> str:
    """The path relative to the checkout, if it is inside: ``ASYNCSNS_HOME`` may be elsewhere."""
    return str(path.relative_to(settings.root) if path.is_relative_to(settings.root) else path)
