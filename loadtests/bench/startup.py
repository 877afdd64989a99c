"""How long ``make up`` and ``make down`` take.

``make up``: cold in a fresh clone (package caches warm), again, after ``make down``, and after one Lambda was edited.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from kit.settings import Settings
from loadtests.bench.report import Figure

_OFFSET = 2_200
_ROUNDS = 5


def run() -> list[Figure]:
    """Clone the committed tree beside this one, on other ports; everything is stopped and removed afterwards."""
    root = Settings.load().root
    folder = Path(tempfile.mkdtemp(prefix="asyncsns-bench-"))
    clone = folder / "asyncsns"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ASYNCSNS_", "TARGET"))}
    environment["ASYNCSNS_PORT_OFFSET"] = str(_OFFSET)
    subprocess.run(["git", "clone", "-q", str(root), str(clone)], check=True)
    try:
        cold = _make("up", clone, environment)
        again = min(_make("up", clone, environment) for _ in range(2))
        stopped_and_started = [[_make(name, clone, environment) for name in ("down", "up")] for _ in range(_ROUNDS)]
        down, warm = (statistics.median(seconds) for seconds in zip(*stopped_and_started, strict=True))
        edited = clone / "services" / "calls" / "handler.py"
        edited.write_text(edited.read_text("utf-8") + f"\n# edited at {time.time()}\n", "utf-8")
        edit = _make("up", clone, environment)
    finally:
        subprocess.run(["make", "-s", "down"], cwd=clone, env=environment, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Figure("startup", "make up, fresh clone", cold, "s", "≤ 90", "package caches warm"),
        Figure("startup", "make up again, nothing changed", again, "s", "≤ 10", "better of 2"),
        Figure("startup", "make down", down, "s", "≤ 2", f"median of {_ROUNDS}"),
        Figure("startup", "make up after make down", warm, "s", "≤ 3", f"median of {_ROUNDS}"),
        Figure("startup", "make up after one Lambda was edited", edit, "s", "≤ 8"),
    ]


def _make(target: str, clone: Path, environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run(
        ["make", "-s", target], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"make {target} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - begun
