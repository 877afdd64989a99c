"""One drill at a time, from wherever it is started: a terminal, the console's buttons, the demo."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from kit.drills.scene import NotHere
from kit.settings import Settings


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the lock of drills, which ends with the process.

    Raises:
        NotHere: another process plays a drill.
    """
    settings.run.mkdir(parents=True, exist_ok=True)
    with (settings.run / "drill.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NotHere("another drill is running: wait for its end") from error
        yield
