"""Keep log files small: copy and truncate, because their writers hold them open in append mode."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024


def rotate(folder: Path, max_bytes: int = MAX_BYTES) -> None:
    """Move each ``*.log`` above ``max_bytes`` to ``*.log.1``; one old generation is kept."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > max_bytes:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)
