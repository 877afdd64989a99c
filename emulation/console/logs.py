"""Log lines as the console shows them: of one group, of all at once, of one request, of one trace."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

Line = dict[str, Any]
_NEWEST = 500
#: Lines may be written a little before and after the segment of the function.
_BEFORE_MS, _AFTER_MS = 200, 3_000
_LAMBDA_GROUP = "/aws/lambda/"


class LogReader:
    """Reads CloudWatch Logs. A line is ``{group, stream, at (epoch ms), message}``."""

    def __init__(self, logs: Any) -> None:
        self._logs = logs

    def groups(self) -> list[str]:
        """Names of all log groups, sorted."""
        pages = self._logs.get_paginator("describe_log_groups").paginate()
        return sorted(group["logGroupName"] for page in pages for group in page["logGroups"])

    def lines(self, group: str, minutes: int) -> list[Line]:
        """The newest of one group."""
        return list(self._between([group], int((time.time() - minutes * 60) * 1000)))[-_NEWEST:]

    def all_lines(self, since: int, text: str = "") -> list[Line]:
        """The newest of all groups after ``since`` (epoch ms) that contain ``text``, oldest first."""
        found = (line for line in self._between(self.groups(), since) if text in line["message"])
        return sorted(found, key=lambda line: line["at"])[-_NEWEST:]

    def of_functions(self, names: Iterable[str], text: str, start: float, end: float) -> list[Line]:
        """What these functions wrote that contains ``text`` between two times (epoch seconds), oldest first."""
        groups = [_LAMBDA_GROUP + name for name in names]
        window = int(start * 1000) - _BEFORE_MS, int(end * 1000) + _AFTER_MS
        found = (line for line in self._between(groups, *window) if text in line["message"])
        return sorted(found, key=lambda line: line["at"])[-_NEWEST:]

    def _between(self, groups: Iterable[str], since: int, until: int | None = None) -> Iterator[Line]:
        limits = {"startTime": since} | ({"endTime": until} if until else {})
        for group in groups:
            try:
                for page in self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, **limits):
                    for event in page["events"]:
                        yield {
                            "group": group,
                            "stream": event.get("logStreamName"),
                            "at": event["timestamp"],
                            "message": event["message"],
                        }
            except self._logs.exceptions.ResourceNotFoundException:
                continue
