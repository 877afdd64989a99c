"""A heartbeat shows that a process's event loop is running: a busy process is not dead.

Responses queue behind other responses; a timer runs in each iteration of the loop. So a server that is busy with
hundreds of clients on a slow machine may answer a health check a minute late, and still beats.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

#: Names the file whose time of change is the last beat. The one who supervises a process sets it.
VARIABLE = "EMULATION_HEARTBEAT"
_SECONDS = 1.0


async def beat() -> None:
    """Write heartbeats until cancelled, if the environment names a file."""
    import asyncio  # programs that only read beats, such as `make up`, start without it

    file = os.environ.get(VARIABLE)
    while file:
        _touch(file)
        await asyncio.sleep(_SECONDS)


def _touch(file: str) -> None:
    with contextlib.suppress(OSError):  # a full disk is not the end of the process
        Path(file).touch()


def last_beat(environment: Mapping[str, str]) -> float:
    """The last beat of the process with this environment: a number that grows with each beat, 0 without one."""
    try:
        return Path(environment[VARIABLE]).stat().st_mtime
    except (KeyError, OSError):
        return 0.0
