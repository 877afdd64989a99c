"""Records repairs at a start: the damaged file is moved aside, and a line describes the repair.

Each process has a folder ``damaged`` in its own state: the files that were set aside, and ``report.txt``.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

FOLDER = "damaged"
REPORT = "report.txt"


def set_aside(path: Path, home: Path) -> Path:
    """Move a file or folder to ``damaged`` of ``home``, under a unique name."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name, number = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{path.name}", 0
    while (place := folder / (f"{name}.{number}" if number else name)).exists():
        number += 1
    shutil.move(path, place)
    return place


def note(home: Path, sentence: str) -> str:
    """Add a line to the report; returns it without the time."""
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    with (home / FOLDER / REPORT).open("a", encoding="utf-8") as report:
        report.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {sentence}\n")
    return sentence


def reports(state: Path) -> list[str]:
    """All lines of all processes, by process and time."""
    found = sorted(state.glob(f"*/{FOLDER}/{REPORT}"))
    return [line for file in found for line in file.read_text("utf-8", errors="replace").splitlines()]
