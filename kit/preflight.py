"""Checks the machine before anything is installed; each failure names the fix."""

from __future__ import annotations

import functools
import importlib.util
import platform
import re
import shutil
import sys
import tempfile
from pathlib import Path

from kit import ports, search_node, sfu, shell, system, turn
from kit.processes import Process, table_of
from kit.settings import Settings
from kit.supervisor import records

PYTHON_LEAST = (3, 11)
NODE_LEAST = 20
DISK_LEAST_GB = 3.0
#: "Bad ports" of the Fetch standard above 1023: browsers never connect to them.
REFUSED_BY_BROWSERS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}
)
#: Servers that a browser connects to.
_FOR_BROWSERS = ("edge", "edge_tls", "gateway", "console", "push", "webtransport", "emulator")

#: Versions that `make test` or a `make up` was seen to work with (README, "What was run and what was not").
PYTHON_TESTED = ((3, 11), (3, 12), (3, 13))
NODE_TESTED = (20, 22, 24)

_IS_MAC = system.is_mac()
_GET_PYTHON = (
    "brew install python@3.13" if _IS_MAC else "apt-get install python3 python3-venv, or see python.org/downloads"
)
_GET_NODE = "brew install node" if _IS_MAC else "see nodejs.org/en/download, or: nvm install 22"
_GET_MAKE = "xcode-select --install" if _IS_MAC else "apt-get install make"


def problems(settings: Settings, least_gb: float = DISK_LEAST_GB) -> list[str]:
    """All problems, one line each; empty when ``make up`` can go on."""
    relays = [missing] if turn.is_wanted(settings) and (missing := turn.problem()) else []
    relays += [missing] if sfu.is_wanted(settings) and (missing := sfu.problem(settings)) else []
    relays += [missing] if search_node.is_wanted(settings) and (missing := search_node.problem(settings)) else []
    return tool_problems(settings, least_gb) + relays + offset_problems(settings) + port_problems(settings)


def tool_problems(settings: Settings, least_gb: float = DISK_LEAST_GB) -> list[str]:
    """Programs that are missing or too old, and too little disk."""
    found = [python_problem(), node_problem(), npm_problem(), make_problem(), *home_problems(settings, least_gb)]
    return [problem for problem in found if problem]


def home_problems(settings: Settings, least_gb: float = DISK_LEAST_GB) -> list[str]:
    """Problems of the folders that are written to: the checkout and ``ASYNCSNS_HOME``."""
    home = next(folder for folder in (settings.home, *settings.home.absolute().parents) if folder.is_dir())
    # Another disk has room of its own.
    disks = {folder.stat().st_dev: folder for folder in (home, settings.root)}
    found = [problem for folder in disks.values() if (problem := disk_problem(folder, least_gb))]
    try:
        with tempfile.NamedTemporaryFile(dir=home):
            pass
    except OSError as error:
        found.append(
            f"{home} cannot be written to ({error.strerror}): look at its owner and mount, or set ASYNCSNS_HOME"
        )
    return found


def notes() -> list[str]:
    """Untested platforms. They may work, so nothing is refused."""
    found = []
    if sys.version_info[:2] not in PYTHON_TESTED:
        tested = ", ".join(".".join(map(str, one)) for one in PYTHON_TESTED)
        found.append(f"Python {platform.python_version()} is untested here; tested are {tested}")
    version = re.match(r"v?(\d+)", _version_of(shutil.which("node") or "node") or "")
    if version and int(version[1]) >= NODE_LEAST and int(version[1]) not in NODE_TESTED:
        tested = ", ".join(map(str, NODE_TESTED))
        found.append(f"Node.js {version[1]} is untested here; tested are {tested}")
    if not system.is_known():
        found.append(f"{system.name()} is untested here: expected Linux (WSL is one) or macOS")
    if system.is_intel_mac():
        found.append("some packages have no wheels for Intel Macs: a Rust compiler is needed (brew install rust)")
    if system.is_mac() and sys.version_info[:2] == (3, 11):
        found.append("gevent has no wheel for Python 3.11 on a Mac: take 3.12 or 3.13, or install Xcode's tools")
    return found


def python_problem() -> str | None:
    if sys.version_info < PYTHON_LEAST:
        return f"Python 3.11 or newer is needed, this is {platform.python_version()}: {_GET_PYTHON}"
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        major, minor = sys.version_info[:2]
        get = f"apt-get install python{major}.{minor}-venv"
        return f"Python {platform.python_version()} lacks venv/ensurepip: {get}"
    return None


@functools.cache
def _version_of(program: str) -> str | None:
    """It takes a twentieth of a second to ask."""
    return shell.capture([program, "--version"])


def node_problem() -> str | None:
    version = _version_of(shutil.which("node") or "node")
    if version is None:
        return f"Node.js {NODE_LEAST} or newer is needed and `node` is not on the PATH: {_GET_NODE}"
    match = re.match(r"v?(\d+)\.", version)
    if match is None or int(match[1]) < NODE_LEAST:
        return f"Node.js {NODE_LEAST} or newer is needed, this is {version}: {_GET_NODE}"
    return None


def npm_problem() -> str | None:
    return None if shutil.which("npm") else f"npm is not on the PATH (it comes with Node.js): {_GET_NODE}"


def make_problem() -> str | None:
    return None if shutil.which("make") else f"make is not on the PATH: {_GET_MAKE}"


def disk_problem(root: Path, least_gb: float = DISK_LEAST_GB) -> str | None:
    free = shutil.disk_usage(root).free / 1e9
    return (
        None if free >= least_gb else f"{least_gb:.0f} GB of free disk are needed, {root} has {free:.1f} GB: free some"
    )


def offset_problems(settings: Settings) -> list[str]:
    """Ports that no browser would open, which some offsets lead to."""
    refused = [name for name in _FOR_BROWSERS if settings.port(name) in REFUSED_BY_BROWSERS]
    other = f"make up ASYNCSNS_PORT_OFFSET={settings.port_offset + 100}"
    return [f"browsers refuse port {settings.port(name)} ({name}): take another offset: {other}" for name in refused]


def port_problems(settings: Settings, table: tuple[Process, ...] | None = None) -> list[str]:
    """Ports held from outside this checkout. Our own processes (alive or left over) do not count."""
    ours = records.read_all(settings.run)
    found = []
    for row in table or table_of(settings):
        record = ours.get(row.name)
        if record and record.is_alive():
            continue
        wanted = [(name, False) for name in row.ports] + [(name, True) for name in row.udp_ports]
        for name, udp in wanted:
            port = settings.port(name)
            if ports.is_free(port, udp=udp):
                continue
            holder = ports.holder_of(port, udp=udp)
            if not _belongs(holder.pid, ours):
                found.append(_port_problem(port, udp, row.name, holder, settings.port_offset))
    return found


def _port_problem(port: int, udp: bool, name: str, holder: ports.Holder, offset: int) -> str:
    kind = "UDP port" if udp else "port"
    other = f"make up ASYNCSNS_PORT_OFFSET={offset + 100}"
    return f"{kind} {port} ({name}) is held by {holder}: stop it, or take other ports: {other}"


def _belongs(pid: int | None, ours: dict[str, records.Record]) -> bool:
    group = None if pid is None else records.group_of(pid)
    return group is not None and any(group == record.pid for record in ours.values())
