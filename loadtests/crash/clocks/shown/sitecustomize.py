"""``time.time`` shows what a file says beyond the true time."""

from __future__ import annotations

import os
import time

_true, _file = time.time, os.environ.get("SHOWN_CLOCK", "")


def _shown() -> float:
    try:
        with open(_file, encoding="ascii") as stream:  # noqa: PTH123 - this is called often
            return _true() + float(stream.read() or 0)
    except OSError:
        return _true()


time.time = _shown
