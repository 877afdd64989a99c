"""How long ``make up`` takes: cold in a fresh clone (package caches warm), again, and after one Lambda was edited."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from kit.settings import Settings
from loadtests.bench.report import Figure

_OFFSET = 2_200


def run() -> list[Figure]:
    """Clone the committed tree beside this one, on other ports; everything is stopped and removed afterwards."""
    root = Settings.load().root
    folder = Path(tempfile.mkdtemp(prefix="asyncsns-bench-"))
    clone = folder / "asyncsns"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ASYNCSNS_", "TARGET"))}
    environment["ASYNCSNS_PORT_OFFSET"] = str(_OFFSET)
    subprocess.run(["git", "clone", "-q", str(root), str(clone)], check=True)
    try:
        cold = _make_up(clone, environment)
        again = min(_make_up(clone, environment) for _ in range(2))
        edited = clone / "services" / "calls" / "handler.py"
        edited.write_text(edited.read_text("utf-8") + f"\n# edited at {time.time()}\n", "utf-8")
        edit = _make_up(clone, environment)
    finally:
        subprocess.run(["make", "-s", "down"], cwd=clone, env=environment, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Figure("startup", "make up, fresh clone", cold, "s", "≤ 90", "package caches warm"),
        Figure("startup", "make up again, nothing changed", again, "s", "≤ 10", "better of 2"),
        Figure("startup", "make up after one Lambda was edited", edit, "s", "≤ 8"),
    ]


def _make_up(clone: Path, environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run(["make", "-s", "up"], cwd=clone, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"make up failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - begun
