"""The newest lines of each log group, cached so that a page asks only for later ones.

By the API of CloudWatch Logs alone, a search over all groups is a call for each group, and half an hour of its lines
each time.
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple, Protocol

import httpx

_GROUP_KEEPS = 4_000
_FIRST_MINUTES = 30
#: Epoch milliseconds of no line.
_NEVER = 1 << 62


class Line(NamedTuple):
    """``at``: epoch milliseconds."""

    at: int
    group: str
    stream: str
    message: str

    def document(self) -> dict[str, Any]:
        return self._asdict()


class Source(Protocol):
    """A source of lines: each once, the older ones first."""

    def groups(self) -> list[str]: ...
    def fresh(self) -> Iterable[Line]: ...


class LineIndex:
    """Asks its source for new lines, and keeps the newest ``kept`` of each group."""

    def __init__(self, source: Source, kept: int = _GROUP_KEEPS) -> None:
        self._source = source
        self._kept = kept
        #: Of those who ask the source, and of the lines: they are read while the source is asked.
        self._asking, self._lock = Lock(), Lock()
        self._lines: dict[str, deque[Line]] = {}
        self._followers: list[Callable[[Line], None]] = []
        self._failed: tuple[float, Exception] | None = None

    def follow(self, take: Callable[[Line], None]) -> None:
        """``take`` gets each line from now on."""
        self._followers.append(take)

    def groups(self) -> list[str]:
        """Names of all log groups, sorted."""
        return self._source.groups()

    def refresh(self) -> None:
        """Take the new lines. Those who waited while it failed get the same failure: each would wait as long again.

        Raises:
            Exception: what the source raises.
        """
        asked = time.monotonic()
        with self._asking:
            if self._failed and self._failed[0] >= asked:
                raise self._failed[1]
            try:
                self._take()
            except Exception as error:
                self._failed = time.monotonic(), error
                raise

    def _take(self) -> None:
        for line in self._source.fresh():
            with self._lock:
                self._lines.setdefault(line.group, deque(maxlen=self._kept)).append(line)
            for take in self._followers:
                take(line)

    def newest(
        self, most: int, since: int, until: int | None = None, text: str = "", groups: Iterable[str] | None = None
    ) -> list[Line]:
        """The newest of the lines that were taken and contain ``text``, oldest first; ``groups``: of these alone."""
        with self._lock:
            chosen = [self._lines[name] for name in groups or self._lines if name in self._lines]
            found = [
                line
                for lines in chosen
                for line in islice(_passing(lines, since, _NEVER if until is None else until, text), most)
            ]
        return heapq.nlargest(most, found, key=lambda line: line.at)[::-1]


def _passing(lines: deque[Line], since: int, until: int, text: str) -> Iterator[Line]:
    return (line for line in reversed(lines) if since <= line.at <= until and text in line.message)


class EmulatorLines:
    """Lines of an emulator that numbers them (``emulation/emulator/log_lines.py``): one call for all groups."""

    def __init__(self, http: httpx.Client, logs: Any) -> None:
        """``http``: at the emulator. ``logs``: a client of CloudWatch Logs, for the names of groups."""
        self._http = http
        self._logs = logs
        self._of, self._next = "", 0
        self._newest = 0

    def groups(self) -> list[str]:
        return _names(self._logs)

    def fresh(self) -> Iterator[Line]:
        """After a start of the emulator lines come again: those until the newest that was read are left out."""
        again = 0
        while True:
            query: dict[str, str | int] = {"of": self._of, "after": self._next}
            answer = self._http.get("/_asyncsns/lines", params=query)
            answer.raise_for_status()
            found = answer.json()
            if found["of"] != self._of:
                again = self._newest
            self._of, self._next = found["of"], found["next"]
            for row in found["lines"]:
                line = Line(*row)
                if line.at > again:
                    self._newest = max(self._newest, line.at)
                    yield line
            if not found["more"]:
                return


class ApiLines:
    """Lines from the API of CloudWatch Logs: a call for each group."""

    def __init__(self, logs: Any) -> None:
        self._logs = logs
        #: Of each group the time of the newest event that was read, and which events of that time.
        self._read_up_to: dict[str, tuple[int, set[str]]] = {}
        self._begun = int((time.time() - _FIRST_MINUTES * 60) * 1000)

    def groups(self) -> list[str]:
        return _names(self._logs)

    def fresh(self) -> Iterator[Line]:
        for group in self.groups():
            yield from self._of(group)

    def _of(self, group: str) -> Iterator[Line]:
        since, seen = self._read_up_to.get(group, (self._begun, set()))
        newest, at_newest = since, set(seen)
        try:
            for page in self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since):
                for event in page["events"]:
                    at, stream, message = event["timestamp"], event["logStreamName"], event["message"]
                    key = f"{stream}/{at}/{event.get('eventId') or hash(message)}"
                    if key in seen:
                        continue
                    if at > newest:
                        newest, at_newest = at, set()
                    if at == newest:
                        at_newest.add(key)
                    yield Line(at, group, stream, message)
        except self._logs.exceptions.ResourceNotFoundException:
            return
        self._read_up_to[group] = newest, at_newest


def _names(logs: Any) -> list[str]:
    pages = logs.get_paginator("describe_log_groups").paginate()
    return sorted(group["logGroupName"] for page in pages for group in page["logGroups"])
