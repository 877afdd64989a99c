"""Drills and their results: lines of expected and observed behaviour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from kit.words import Words

#: Exit codes of the command.
FAILED, NOT_HERE = 1, 2


@dataclass(frozen=True)
class Line:
    """One expectation and its observation."""

    what: Words
    expected: Words
    observed: Words
    holds: bool

    def to_dict(self) -> dict[str, Any]:
        return {"en": self.what.en, "ja": self.what.ja, "expected": asdict(self.expected),
                "observed": asdict(self.observed), "holds": self.holds}  # fmt: skip


@dataclass(frozen=True)
class Drill:
    """One failure.

    Attributes:
        name: the value of ``NAME=``; the page is ``docs/drills/<name>.md``.
        watch: where its effect shows while it runs.
        seconds: about how long it takes on a machine with two processors.
        long: left out of ``make test``; ``make test-long`` runs it.
    """

    name: str
    title: Words
    story: Words
    watch: Words
    #: Given a ``Scene``.
    play: Callable[[Any], None]
    seconds: int
    long: bool = False

    def to_dict(self) -> dict[str, Any]:
        """For programs that offer drills."""
        return {"name": self.name, "title": asdict(self.title), "story": asdict(self.story),
                "watch": asdict(self.watch), "seconds": self.seconds}  # fmt: skip
