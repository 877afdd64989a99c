"""Findings of tools, and accepted ones."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, order=True)
class Finding:
    """``place``: ``<stack>/<logical id>``."""

    tool: str
    rule: str
    place: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.tool} {self.rule} {self.place}: {self.words}"


@dataclass(frozen=True)
class Accepted:
    """``place`` is a pattern of ``fnmatch``; ``reason`` says why the finding is not fixed."""

    tool: str
    rule: str
    place: str
    reason: str

    def covers(self, found: Finding) -> bool:
        return (self.tool, self.rule) == (found.tool, found.rule) and fnmatchcase(found.place, self.place)
