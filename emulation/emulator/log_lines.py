"""The newest lines of all log groups in the order in which they came, for readers that follow them.

``GET /_asyncsns/lines?of=O&after=N`` answers ``{"of", "next", "more", "lines": [[epoch ms, group, stream, message],
…]}``: up to 5,000 lines from the ``N``-th on, and whether there are more. CloudWatch Logs has no such call: readers
that follow all groups by its API ask for each. ``of`` is another after a start; then, and at the first request, what is
stored comes first. Until somebody asks, nothing is kept.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

#: Lines that wait for their reader, and those of one answer.
KEPT: Final = 50_000
_AT_ONCE: Final = 5_000

#: Epoch milliseconds, group, stream, message.
Line = tuple[int, str, str, str]


class LogLines:
    """Numbers lines from 0. ``stored`` gives what there is when the first reader comes."""

    def __init__(self, stored: Callable[[], Iterable[Line]]) -> None:
        self._stored = stored
        self._lines: deque[Line] | None = None
        self._of = uuid.uuid4().hex
        #: The number of the first line that is kept.
        self._first = 0

    def add(self, group: str, stream: str, events: Iterable[dict[str, Any]]) -> None:
        if self._lines is not None:
            self._extend((one["timestamp"], group, stream, one["message"]) for one in events)

    def after(self, of: str, number: int) -> dict[str, Any]:
        """Lines from ``number`` on, if it is a number of this start; else from the first."""
        if self._lines is None:
            self._lines = deque()
            self._extend(sorted(self._stored(), key=lambda line: line[0]))
        begin = max(number - self._first, 0) if of == self._of else 0
        found = list(islice(self._lines, begin, begin + _AT_ONCE))
        end = min(begin, len(self._lines)) + len(found)
        return {"of": self._of, "next": self._first + end, "more": end < len(self._lines), "lines": found}

    def _extend(self, lines: Iterable[Line]) -> None:
        assert self._lines is not None
        self._lines.extend(lines)
        while len(self._lines) > KEPT:
            self._lines.popleft()
            self._first += 1
