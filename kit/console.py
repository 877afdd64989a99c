"""Plain terminal output: colours only on a terminal, tables without a library."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

_lock = threading.Lock()


def is_terminal() -> bool:
    """True when a person watches: a terminal, not CI, colours not refused (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("CI") and "NO_COLOR" not in os.environ


def paint(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if is_terminal() else text


def green(text: str) -> str:
    return paint(text, "32")


def red(text: str) -> str:
    return paint(text, "31")


def yellow(text: str) -> str:
    return paint(text, "33")


def dim(text: str) -> str:
    return paint(text, "2")


def bold(text: str) -> str:
    return paint(text, "1")


def say(text: str = "") -> None:
    """Print a line at once; lines of parallel steps never mix."""
    with _lock:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def note(text: str) -> None:
    """A line between those of steps: on a terminal the unfinished line of running steps is replaced."""
    say(f"\r\033[K{dim(text)}" if is_terminal() else text)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns, two spaces apart."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    ]
    return "\n".join([dim(lines[0]), *lines[1:]])


def human_bytes(count: float) -> str:
    """1536 -> ``1.5 KB``."""
    for unit in ("B", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


def human_seconds(seconds: float) -> str:
    """75 -> ``1m15s``; below a minute one decimal."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"
