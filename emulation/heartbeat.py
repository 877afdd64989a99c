"""A process shows that its event loop goes round: busy is not dead.

Answers queue behind other answers; a timer has its turn each time the loop goes round. So a server that hundreds of
clients keep busy on a slow machine may be late with a health page for a minute, and still beats.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

#: Names the file whose time of change is the last beat. The one who supervises a process sets it.
VARIABLE = "EMULATION_HEARTBEAT"
_SECONDS = 1.0


async def beat() -> None:
    """Until cancelled, where the environment asks for it."""
    file = os.environ.get(VARIABLE)
    while file:
        _touch(file)
        await asyncio.sleep(_SECONDS)


def _touch(file: str) -> None:
    with contextlib.suppress(OSError):  # a full disk is not the end of the process
        Path(file).touch()


def last_beat(environment: Mapping[str, str]) -> float:
    """Of the process with this environment: a number that grows with each beat, 0 when it has none."""
    try:
        return Path(environment[VARIABLE]).stat().st_mtime
    except (KeyError, OSError):
        return 0.0
