"""``tests/mutants.toml``: survivors that stay, each with a reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from kit.mutants.mutant import Mutant, Outcome

FILE = Path("tests") / "mutants.toml"


class ExplanationError(Exception):
    """An entry of the file that cannot be used."""


@dataclass(frozen=True)
class Explanation:
    """Why some survivors stay.

    ``file`` and ``function`` are patterns (``*``). ``removed`` and ``added`` are regular expressions that the lines of
    the change have to contain; empty, they fit every change. ``untested``: it is about functions that no unit test
    runs, and about nothing else. ``wording``: it is about changes of the case of sentences, and ``XX`` around them.
    """

    file: str
    reason: str
    function: str = "*"
    removed: str = ""
    added: str = ""
    untested: bool = False
    wording: bool = False

    def fits(self, mutant: Mutant) -> bool:
        return (
            self.untested is (mutant.outcome is Outcome.UNTESTED)
            and (mutant.is_of_wording or not self.wording)
            and fnmatchcase(mutant.file, self.file)
            and fnmatchcase(mutant.function, self.function)
            and re.search(self.removed, "\n".join(mutant.removed)) is not None
            and re.search(self.added, "\n".join(mutant.added)) is not None
        )

    def __str__(self) -> str:
        change = " ".join(one for one in (self.removed, "→" if self.added else "", self.added) if one)
        return f"{self.file} {self.function} {change}: {self.reason}"


def read(path: Path) -> list[Explanation]:
    """Raises: ExplanationError (a field is unknown or missing, or there is no reason)."""
    entries = tomllib.loads(path.read_text("utf-8")).get("explained", [])
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            made = Explanation(**entry)
        except TypeError as error:
            raise ExplanationError(f"{path}: entry {number}: {error}") from error
        if not made.reason.strip():
            raise ExplanationError(f"{path}: entry {number} has no reason. Say why this change cannot be noticed.")
        found.append(made)
    return found


def unexplained(mutants: Iterable[Mutant], explanations: Sequence[Explanation]) -> list[Mutant]:
    """Mutants that survived without an explanation."""
    left = [one for one in mutants if one.outcome is not Outcome.KILLED]
    return [one for one in left if not any(reason.fits(one) for reason in explanations)]


def outdated(
    mutants: Sequence[Mutant], explanations: Sequence[Explanation], tried: Collection[str], untried: Collection[str]
) -> list[Explanation]:
    """Explanations that no survivor fits any more, among those whose files were tried, all of them."""
    left = [one for one in mutants if one.outcome is not Outcome.KILLED]

    def is_judged(one: Explanation) -> bool:
        return any(fnmatchcase(file, one.file) for file in tried) and not any(
            fnmatchcase(file, one.file) for file in untried
        )

    return [one for one in explanations if is_judged(one) and not any(one.fits(mutant) for mutant in left)]
