"""Log lines as the console shows them: of one group, of all at once, of one request, of one trace."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from emulation.console.log_lines import LineIndex

_NEWEST = 500
#: Lines may be written a little before and after the segment of the function.
_BEFORE_MS, _AFTER_MS = 200, 3_000
_LAMBDA_GROUP = "/aws/lambda/"


class LogReader:
    """Reads the lines that the index took. A line is ``{group, stream, at (epoch ms), message}``."""

    def __init__(self, index: LineIndex) -> None:
        self._index = index

    def refresh(self) -> None:
        """Take the new lines."""
        self._index.refresh()

    def groups(self) -> list[str]:
        """Names of all log groups, sorted."""
        return self._index.groups()

    def lines(self, group: str, minutes: int) -> list[dict[str, Any]]:
        """The newest of one group."""
        since = int((time.time() - minutes * 60) * 1000)
        return [line.document() for line in self._index.newest(_NEWEST, since, groups=[group])]

    def all_lines(self, since: int, text: str = "") -> list[dict[str, Any]]:
        """The newest of all groups after ``since`` (epoch ms) that contain ``text``, oldest first."""
        return [line.document() for line in self._index.newest(_NEWEST, since, text=text)]

    def of_functions(self, names: Iterable[str], text: str, start: float, end: float) -> list[dict[str, Any]]:
        """What these functions wrote that contains ``text`` between two times (epoch seconds), oldest first."""
        groups = [_LAMBDA_GROUP + name for name in names]
        since, until = int(start * 1000) - _BEFORE_MS, int(end * 1000) + _AFTER_MS
        return [line.document() for line in self._index.newest(_NEWEST, since, until, text, groups)] if groups else []
