"""Access log files: lines are gathered in memory and written twice a second, so that a request never
waits for a disk.
"""

from __future__ import annotations

from pathlib import Path

#: A log file that grows beyond this is renamed to ``<name>.1`` (the older one goes).
MAX_BYTES = 20 * 1024 * 1024


class LogFile:
    """Appends lines to one file. ``header`` lines come first in each new file."""

    def __init__(self, path: Path, header: str = "") -> None:
        self.path = path
        self._header = header
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        self._lines.append(line)

    def flush(self) -> None:
        """Write what was gathered."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        self.path.parent.mkdir(parents=True, exist_ok=True)
        size = self.path.stat().st_size if self.path.exists() else 0
        if size > MAX_BYTES:
            self.path.replace(self.path.with_name(self.path.name + ".1"))
            size = 0
        with self.path.open("a", encoding="utf-8") as file:
            if size == 0 and self._header:
                file.write(self._header + "\n")
            file.write("\n".join(lines) + "\n")
