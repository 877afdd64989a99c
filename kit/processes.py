"""The processes of the embedded target, as data, and the table for the supervisor."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from emulation import heartbeat
from emulation.aws.invocation_frames import LONGEST_PATH
from emulation.settings import HOST
from kit import search_node, sfu, stamps, system, turn
from kit.settings import LOCALSTACK, Settings, checkout_root

#: Variables that children may inherit, and no others, because the emulator passes its environment to its Lambdas.
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
    """One row of the table; ``ports`` are names of ``Settings.port``, at the first ``health_path`` answers."""

    name: str
    about: str
    ports: tuple[str, ...] = ()
    udp_ports: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    #: Whether it starts beside those that it needs, and waits for them itself.
    beside: bool = False
    #: Which it lets start first, for a while: people wait for those, and they need the processor.
    after: tuple[str, ...] = ()
    venv: str = "project"
    #: Sources besides ``emulation/<name>`` whose change restarts the process.
    code: tuple[str, ...] = ()
    #: Seconds between SIGTERM and SIGKILL.
    stop_seconds: float = 5
    #: Whether it shows that it works by ``emulation.heartbeat`` too.
    beats: bool = False
    module: str = ""
    arguments: tuple[str, ...] = ()
    #: Variables of this process alone.
    environment: tuple[tuple[str, str], ...] = ()
    health_path: str = "/_health"
    #: Listens on a UNIX socket of the run folder, which is its first argument, and forks other rows.
    preloads: bool = False
    #: Asked for its health by a binding request of STUN instead of ``/_health``.
    speaks_stun: bool = False

    @property
    def entry(self) -> str:
        return self.module or f"emulation.{self.name}"


#: Makes room in its command line for that of each server (``emulation.preload``).
_ROOM = "." * 2048
_PRELOAD = Process("preload", "forks the Python servers", arguments=(_ROOM,), preloads=True)
#: In order of start. Each is described where it lives: ``emulation/<name>/__init__.py``.
EMBEDDED: tuple[Process, ...] = (
    Process("search", "the OpenSearch engine", ports=("search",)),
    Process("emulator", "AWS APIs and Lambdas", ports=("emulator",), venv="emulator", stop_seconds=20, beats=True),
    Process(
        "console",
        "traces, metrics, mailbox",
        ports=("console",),
        udp_ports=("xray",),
        needs=("emulator",),
        after=("edge", "pump"),
    ),
    Process(
        "pump",
        "DynamoDB Streams and Kinesis to Lambda",
        ports=("pump",),
        needs=("emulator",),
        beside=True,
        after=("search",),
    ),
    Process("push", "a push service", ports=("push",), after=("edge", "pump")),
    Process(
        "webtransport",
        "a WebTransport server beside the WebSocket API",
        ports=("webtransport",),
        udp_ports=("webtransport",),
        needs=("emulator",),
        after=("edge", "pump"),
    ),
    Process(
        "edge",
        "CloudFront and gateway",
        ports=("edge", "edge_tls", "gateway"),
        needs=("emulator",),
        beside=True,
        after=("search",),
    ),
    Process(
        "watchdog",
        "revives the supervisor",
        module="kit.supervisor.watchdog",
        venv="host",
        code=("kit/supervisor",),
    ),
)
#: With ``TURN=yes``.
TURN = Process(
    "turn",
    "coturn, a TURN server",
    ports=("turn",),
    udp_ports=("turn",),
    venv="host",
    module="kit.turn",
    speaks_stun=True,
)
#: With ``SFU=yes``. Janus has no port; whether it answers is told by the health of the second.
SFU = (
    Process("janus", "Janus, a media server", venv="host", module="kit.sfu"),
    Process("sfu", "WHIP and WHEP in front of Janus", ports=("sfu",), needs=("janus",)),
)


def table_of(settings: Settings) -> tuple[Process, ...]:
    """The processes of this checkout."""
    rows = localstack(settings) if settings.emulator == LOCALSTACK else EMBEDDED
    if search_node.is_wanted(settings):
        rows = tuple(one for row in rows for one in (_search_node(settings) if row.name == "search" else (row,)))
    relays = (TURN,) if turn.is_wanted(settings) else ()
    preload = (_PRELOAD,) if _forks(settings) else ()
    return (*preload, *rows, *relays, *(SFU if sfu.is_wanted(settings) else ()))


def _search_node(settings: Settings) -> tuple[Process, ...]:
    """OpenSearch itself instead of the engine, behind our guard. It answers when its cluster is up."""
    return (
        Process(
            "search-node", "a real OpenSearch node", ports=("search_node",), venv="host", module="kit.search_node",
            code=("kit/opensearch_node",), stop_seconds=20, health_path="/",
        ),
        Process(
            "search", "the doors of OpenSearch", ports=("search",), needs=("search-node",), module="emulation.relay",
            arguments=("search", settings.url("search_node")),
        ),
    )  # fmt: skip


def localstack(settings: Settings) -> tuple[Process, ...]:
    """LocalStack instead of the emulator, behind our guard; no pump, because it reads streams itself."""
    companion = (
        ("EMULATION_PORT_EMULATOR", str(settings.port("companion"))),
        ("EMULATION_STATE", str(settings.state / "companion")),
        ("EMULATION_URL_FUNCTIONS", settings.url("localstack")),
    )
    python = (("EMULATION_FUNCTION_PYTHON", str(settings.emulator_venv / "bin" / "python")),)
    instead = {
        "emulator": (
            Process(
                "companion", "what LocalStack lacks", ports=("companion",), venv="emulator", stop_seconds=20,
                beats=True, module="emulation.emulator", environment=companion,
            ),
            Process(
                "localstack", "AWS APIs and Lambdas", ports=("localstack",), needs=("companion", "search"),
                venv="localstack", stop_seconds=10, code=("emulation/emulator/lambdas",), environment=python,
            ),
            Process(
                "emulator", "the doors of LocalStack", ports=("emulator",), needs=("localstack",),
                module="emulation.relay", arguments=("emulator", settings.url("localstack")),
            ),
        ),
        "pump": (),
    }  # fmt: skip
    return tuple(one for row in EMBEDDED for one in instead.get(row.name, (row,)))


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
    after: list[str] = field(default_factory=list)
    beside: bool = False
    #: The UNIX socket of the process that forks it; without one it is a program of its own.
    preload: str = ""


def module_path(root: Path, module: str) -> Path:
    """Folder or file of a module."""
    path = root.joinpath(*module.split("."))
    return path if path.is_dir() else path.with_suffix(".py")


def launches(settings: Settings, table: tuple[Process, ...] | None = None) -> list[Launch]:
    """Command lines, environments and fingerprints of all processes for this checkout."""
    read: dict[Path, bytes] = {}
    return [_launch(settings, row, read) for row in table or table_of(settings)]


def _launch(settings: Settings, row: Process, read: dict[Path, bytes]) -> Launch:
    venvs = {
        "project": settings.venv,
        "emulator": settings.emulator_venv,
        "localstack": settings.localstack_venv,
    }
    python = venvs.get(row.venv)
    interpreter = str(python / "bin" / "python") if python else sys.executable
    env = _environment(settings, row)
    # By the path of the home it is found when its record is damaged.
    arguments = row.arguments if python else (*row.arguments, str(settings.home))
    if row.preloads:
        arguments = (str(_socket(settings, row.name)), *arguments)
    argv = [interpreter, "-m", row.entry, *arguments]
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
        health_url=_health_url(settings, row),
        url=_url(settings, row),
        needs=list(row.needs),
        after=list(row.after),
        beside=row.beside,
        preload=_preload_of(settings, row),
        stop_seconds=row.stop_seconds,
        fingerprint=stamps.fingerprint([*sources, lock], *others, read=read),
    )


def _socket(settings: Settings, name: str) -> Path:
    return settings.run / f"{name}.sock"


def _forks(settings: Settings) -> bool:
    """Whether servers are forked. On macOS each imports for itself: libraries of that system do not survive a fork."""
    return system.has_proc() and len(os.fsencode(_socket(settings, _PRELOAD.name))) <= LONGEST_PATH


def _preload_of(settings: Settings, row: Process) -> str:
    """It has the packages of the project and none of our modules."""
    fits = _forks(settings) and row.venv == "project" and row.entry.startswith("emulation.") and not row.preloads
    return str(_socket(settings, _PRELOAD.name)) if fits else ""


def _url(settings: Settings, row: Process) -> str | None:
    if row.speaks_stun:
        return f"stun://{HOST}:{settings.port(row.ports[0])}"
    return settings.url(row.ports[0]) if row.ports else None


def _health_url(settings: Settings, row: Process) -> str | None:
    if row.preloads:
        return f"unix://{_socket(settings, row.name)}"
    url = _url(settings, row)
    return url if url is None or row.speaks_stun else f"{url}{row.health_path}"


def _environment(settings: Settings, row: Process) -> dict[str, str]:
    env = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    env |= {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"} | _MALLOC
    if row.entry.startswith("emulation."):
        env |= settings.emulation_environment()
    else:
        env |= {key: value for key, value in os.environ.items() if key.startswith("ASYNCSNS_")}
        env |= {"ASYNCSNS_PORT_OFFSET": str(settings.port_offset)}
    if row.name == "sfu":
        sfu.secret(settings)
        env["EMULATION_SFU_SECRET_FILE"] = str(sfu.secret_file(settings))
        env["EMULATION_SFU_SOCKET"] = str(sfu.socket(settings))
    if row.name == "console":
        env.setdefault("EMULATION_DRILLS", shlex.join(_kit(settings, "drills")))
        env.setdefault("EMULATION_ACCESS_LOGS", shlex.join(_kit(settings, "access_logs")))
        env.setdefault("EMULATION_SAVES", shlex.join(_kit(settings, "saves")))
    if row.entry == "emulation.emulator":
        env.setdefault("EMULATION_LAMBDA_KEEP_SECONDS", "30")
    if row.beats:
        env[heartbeat.VARIABLE] = str(settings.run / f"{row.name}.beat")
    if row.venv == "project":
        env |= settings.aws_environment()
    return env | dict(row.environment)


def _kit(settings: Settings, program: str) -> list[str]:
    """The commands of `make drill` and similar targets, for the console, which does not know the kit's environment."""
    choices = {name: os.environ[name] for name in ("ASYNCSNS_HOME", "ASYNCSNS_STATE") if name in os.environ}
    choices["ASYNCSNS_PORT_OFFSET"] = str(settings.port_offset)
    pairs = [f"{name}={value}" for name, value in choices.items()]
    return ["env", *pairs, str(settings.venv / "bin" / "python"), "-m", f"kit.{program}"]


def supervisor_fingerprint() -> str:
    """Hash of the supervisor's code: a supervisor with other code is replaced."""
    return stamps.fingerprint([checkout_root() / source for source in _SUPERVISOR_SOURCES], sys.version)


def launch_file(settings: Settings) -> Path:
    return settings.run / "processes.json"


def write_launches(settings: Settings, rows: list[Launch]) -> None:
    """Write the table for the supervisor, which reads the file at start and on SIGHUP."""
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
