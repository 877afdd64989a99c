"""Memory of every process of the kit with its children, as `make status` shows it. Linux: PSS."""

from __future__ import annotations

import json
import time
import urllib.request

from kit import inspect, system
from kit.settings import Settings
from loadtests.bench.report import Figure

#: Idle Lambda environments end after a minute by default, and what runs by the minute starts one again.
_PATIENCE_S = 150.0
_CALM_S = 5.0
#: Sweepers of what is due.
_BY_THE_MINUTE = 3


def run() -> list[Figure]:
    """One figure for all, one per process; Lambda environments are the emulator's.
    Waits until the environments of an earlier load have ended: this measures an idle network."""
    settings = Settings.load()
    _until_idle(settings)
    by_name = {name: size / 1024 / 1024 for name, size in inspect.memory(settings).items()}
    total = Figure("memory", "all processes", sum(by_name.values()), "MB", "≤ 700", system.memory_unit())
    return [total, *(Figure("memory", name, value, "MB") for name, value in sorted(by_name.items()))]


def _until_idle(settings: Settings) -> None:
    """Return when few Lambda environments are left, or after a timeout."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        with urllib.request.urlopen(settings.url("emulator") + "/_health", timeout=10) as answer:  # noqa: S310
            environments = json.load(answer)["lambda"]["environments"]
        if environments <= _BY_THE_MINUTE:
            return
        time.sleep(_CALM_S)
