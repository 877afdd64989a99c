"""The processes of the embedded target, as data, and what the supervisor is told about them."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from emulation import heartbeat
from kit import stamps
from kit.settings import Settings, checkout_root

#: What children may inherit. The emulator hands its environment to its Lambdas, so nothing else gets in.
_INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "USER",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NO_COLOR",
)


#: glibc gives each thread an arena of its own, and keeps what was freed: on a laptop that is memory for nothing.
#: Source: mallopt(3), M_ARENA_MAX and M_TRIM_THRESHOLD.
_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}


@dataclass(frozen=True)
class Process:
    """One row of the table; ``ports`` are names of ``Settings.port``, at the first ``/_health`` answers."""

    name: str
    about: str
    ports: tuple[str, ...] = ()
    udp_ports: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    venv: str = "project"
    #: Sources besides ``emulation/<name>`` whose change restarts the process.
    code: tuple[str, ...] = ()
    #: Seconds between SIGTERM and SIGKILL.
    stop_seconds: float = 5
    #: Whether it shows that it works by ``emulation.heartbeat`` too.
    beats: bool = False
    module: str = ""

    @property
    def entry(self) -> str:
        return self.module or f"emulation.{self.name}"


#: In order of start. Each is described where it lives: ``emulation/<name>/__init__.py``.
EMBEDDED: tuple[Process, ...] = (
    Process("search", "the OpenSearch engine", ports=("search",)),
    Process("emulator", "AWS APIs and Lambdas", ports=("emulator",), venv="emulator", stop_seconds=20, beats=True),
    Process("console", "traces, metrics, mailbox", ports=("console",), udp_ports=("xray",), needs=("emulator",)),
    Process("pump", "DynamoDB Streams and Kinesis to Lambda", ports=("pump",), needs=("emulator",)),
    Process("push", "a push service", ports=("push",)),
    Process(
        "webtransport",
        "a WebTransport server beside the WebSocket API",
        ports=("webtransport",),
        udp_ports=("webtransport",),
        needs=("emulator",),
    ),
    Process(
        "edge",
        "CloudFront and gateway",
        ports=("edge", "edge_tls", "gateway"),
        needs=("emulator",),
    ),
    Process(
        "watchdog",
        "revives the supervisor",
        module="kit.supervisor.watchdog",
        venv="host",
        code=("kit/supervisor",),
    ),
)


#: Modules that the supervisor holds in memory.
_SUPERVISOR_SOURCES = (
    "kit/supervisor",
    "kit/processes.py",
    "kit/settings.py",
    "kit/stamps.py",
    "kit/system.py",
    "emulation/heartbeat.py",
    "emulation/settings.py",
)


@dataclass(frozen=True)
class Launch:
    """One process, ready to start: what the supervisor reads from ``run/processes.json``."""

    name: str
    about: str
    argv: list[str]
    cwd: str
    env: dict[str, str]
    health_url: str | None
    url: str | None
    needs: list[str]
    stop_seconds: float
    fingerprint: str = field(default="")


def module_path(root: Path, module: str) -> Path:
    """Folder or file of a module."""
    path = root.joinpath(*module.split("."))
    return path if path.is_dir() else path.with_suffix(".py")


def launches(settings: Settings, table: tuple[Process, ...] = EMBEDDED) -> list[Launch]:
    """Command lines, environments and fingerprints of all processes for this checkout."""
    return [_launch(settings, row) for row in table]


def _launch(settings: Settings, row: Process) -> Launch:
    python = {"project": settings.venv, "emulator": settings.emulator_venv}.get(row.venv)
    interpreter = str(python / "bin" / "python") if python else sys.executable
    env = _environment(settings, row)
    argv = [interpreter, "-m", row.entry]
    sources = [
        *sorted((settings.root / "emulation").glob("*.py")),
        settings.root / "emulation" / "aws",
        module_path(settings.root, row.entry),
        *(settings.root / c for c in row.code),
    ]
    lock = settings.root / "requirements" / f"{row.venv}.txt"
    # Another interpreter is another environment in the same folder.
    others = (*argv, sys.version, json.dumps(env, sort_keys=True))
    return Launch(
        name=row.name,
        about=row.about,
        argv=argv,
        cwd=str(settings.root),
        env=env,
        health_url=f"{settings.url(row.ports[0])}/_health" if row.ports else None,
        url=settings.url(row.ports[0]) if row.ports else None,
        needs=list(row.needs),
        stop_seconds=row.stop_seconds,
        fingerprint=stamps.fingerprint([*sources, lock], *others),
    )


def _environment(settings: Settings, row: Process) -> dict[str, str]:
    env = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    env |= {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"} | _MALLOC
    if row.entry.startswith("emulation."):
        env |= settings.emulation_environment()
    else:
        env |= {key: value for key, value in os.environ.items() if key.startswith("ASYNCSNS_")}
        env |= {"ASYNCSNS_PORT_OFFSET": str(settings.port_offset)}
    if row.beats:
        env[heartbeat.VARIABLE] = str(settings.run / f"{row.name}.beat")
    if row.venv == "project":
        env |= settings.aws_environment()
    return env


def supervisor_fingerprint() -> str:
    """Of the code that the supervisor runs: one of another code is replaced."""
    return stamps.fingerprint([checkout_root() / source for source in _SUPERVISOR_SOURCES], sys.version)


def launch_file(settings: Settings) -> Path:
    return settings.run / "processes.json"


def write_launches(settings: Settings, rows: list[Launch]) -> None:
    """Hand the table to the supervisor (it reads the file at start and on SIGHUP)."""
    settings.run.mkdir(parents=True, exist_ok=True)
    temporary = launch_file(settings).with_suffix(".tmp")
    temporary.write_text(json.dumps([asdict(row) for row in rows], indent=2), "utf-8")
    temporary.replace(launch_file(settings))


def read_launches(settings: Settings) -> list[Launch]:
    """The table as last written; empty when nothing was ever started."""
    try:
        return [Launch(**row) for row in json.loads(launch_file(settings).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
