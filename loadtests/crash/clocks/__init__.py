"""A wall clock that can be set, for servers of the running network: the machine's own stays as it is.

Python imports the `sitecustomize` of the folder ``shown``, which comes first on their path (documentation of `site`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kit import processes
from kit.settings import Settings
from kit.supervisor import client

#: Servers that depend on the clock: for records and messages, and for the positions of readers.
CLOCKED = ("emulator", "pump")
VARIABLE = "SHOWN_CLOCK"
_SHOWN = Path(__file__).parent / "shown"
_START_SECONDS = 120.0


def clock_file(settings: Settings) -> Path:
    return settings.run / "shown-clock"


def set_clock(settings: Settings, seconds: float) -> None:
    """So much beyond the true time; the file is whole at any moment."""
    file = clock_file(settings)
    unfinished = file.with_suffix(".new")
    unfinished.write_text(str(seconds), "ascii")
    unfinished.replace(file)


def show_true(settings: Settings) -> None:
    """People sign in by the true time: a session that begins in the future is refused."""
    if clock_file(settings).exists():
        set_clock(settings, 0)


@contextmanager
def settable(settings: Settings) -> Iterator[None]:
    """``CLOCKED`` run with such a clock during the block; they are restarted before and after it."""
    true = processes.read_launches(settings)
    set_clock(settings, 0)
    _restart(settings, [_clocked(row, settings) if row.name in CLOCKED else row for row in true])
    try:
        yield
    finally:
        _restart(settings, true)
        clock_file(settings).unlink(missing_ok=True)


def _clocked(row: processes.Launch, settings: Settings) -> processes.Launch:
    path = os.pathsep.join([str(_SHOWN), *filter(None, [row.env.get("PYTHONPATH")])])
    env = row.env | {"PYTHONPATH": path, VARIABLE: str(clock_file(settings))}
    return replace(row, env=env, fingerprint=f"{row.fingerprint}-clocked")


def _restart(settings: Settings, rows: list[processes.Launch]) -> None:
    processes.write_launches(settings, rows)
    client.ensure(settings)
    for row in rows:
        if row.name in CLOCKED:
            client.wait_healthy(settings, row, _START_SECONDS)
