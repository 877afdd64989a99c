"""Memory of every process of the kit, Lambda's included. Linux: PSS, so that shared pages count once."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from pathlib import Path

from local.bench.report import Figure
from local.settings import Settings

#: Idle Lambda environments end after a minute by default, and what runs by the minute starts one again.
_PATIENCE_S = 150.0
_CALM_S = 5.0
#: Sweepers of what is due.
_BY_THE_MINUTE = 3


def run() -> list[Figure]:
    """One figure for all, one per process name. Processes are those whose environment or folder is this checkout's.
    What a load left behind ends first: this is about a network that nobody uses."""
    by_name: dict[str, float] = {}
    settings = Settings.load()
    root = str(settings.root)
    _until_idle(settings)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if not is_ours(command, root, entry):
                continue
            pss = next(
                int(line.split()[1]) for line in (entry / "smaps_rollup").read_text().splitlines() if line[:4] == "Pss:"
            )
        except (OSError, StopIteration):
            continue
        by_name[name_of(command)] = by_name.get(name_of(command), 0) + pss / 1024
    total = Figure("memory", "all processes", sum(by_name.values()), "MB", "≤ 700", "PSS")
    return [total, *(Figure("memory", name, value, "MB") for name, value in sorted(by_name.items()))]


def _until_idle(settings: Settings) -> None:
    """Return when hardly a Lambda environment is left, or when waiting for it takes too long."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        with urllib.request.urlopen(settings.url("emulator") + "/_health", timeout=10) as answer:  # noqa: S310
            environments = json.load(answer)["lambda"]["environments"]
        if environments <= _BY_THE_MINUTE:
            return
        time.sleep(_CALM_S)


def is_ours(command: list[str], root: str, entry: Path) -> bool:
    return f"{root}/.asyncsns/" in command[0] or any(
        part.startswith(f"{root}/") or (part.startswith("local.") and (entry / "cwd").resolve() == Path(root))
        for part in command[1:]
    )


def name_of(command: list[str]) -> str:
    modules = [part.removeprefix("local.") for part in command if part.startswith("local.")]
    return modules[0] if modules else "Lambda and helper processes"
