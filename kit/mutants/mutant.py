"""One mutant: a change of one function, and whether a test detected it."""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

#: How mutmut writes a method: ``xǁClassǁmethod``; a function is ``x_function``.
_SEPARATOR = "ǁ"


class Outcome(StrEnum):
    """The result of a mutant; a timeout counts as detected."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNTESTED = "untested"
    UNCLEAR = "unclear"


#: Exit codes of mutmut's workers. 33: no test runs the function; 24 and 152 are SIGXCPU, by which it ends a mutant.
_OUTCOMES = {0: Outcome.SURVIVED, 1: Outcome.KILLED, 3: Outcome.KILLED, 5: Outcome.UNTESTED, 33: Outcome.UNTESTED}
_TEXT = re.compile(r"""(["'])(.*?)\1""")
_TIMEOUTS = frozenset({24, -24, 36, 152, 255})


@dataclass(frozen=True)
class Mutant:
    """``function`` is ``Class.method`` or ``function``; ``removed`` and ``added`` are stripped lines of the change."""

    file: str
    line: int
    function: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    outcome: Outcome

    @property
    def is_of_wording(self) -> bool:
        """Whether only a text of several words has another case, or ``XX`` about it."""
        before, after = ("\n".join(lines).replace("XX", "").casefold() for lines in (self.removed, self.added))
        return before == after and any(" " in text for _, text in _TEXT.findall("\n".join(self.removed)))

    def __str__(self) -> str:
        lines = [*(f"  - {one}" for one in self.removed), *(f"  + {one}" for one in self.added)]
        return "\n".join([f"{self.file}:{self.line} {self.function} ({self.outcome})", *lines])


def outcome_of(exit_code: int | None) -> Outcome:
    if exit_code in _TIMEOUTS:
        return Outcome.KILLED
    return Outcome.UNCLEAR if exit_code is None else _OUTCOMES.get(exit_code, Outcome.UNCLEAR)


def mutants_of(workspace: Path, file: str) -> Iterator[Mutant]:
    """All mutants of a file, as mutmut left them in ``workspace``."""
    mutated = workspace / "mutants" / file
    results = json.loads(Path(f"{mutated}.meta").read_text("utf-8"))["exit_code_by_key"]
    spans: Mapping[str, Sequence[int]] = json.loads(Path(f"{mutated}.spans").read_text("utf-8"))["spans"]
    lines = mutated.read_text("utf-8").splitlines()
    begins = _functions((workspace / file).read_text("utf-8"))
    for key, exit_code in results.items():
        name = key[key.rindex(".") + 1 :]
        yield _mutant(file, name, lines, spans, begins, outcome_of(exit_code))


def _mutant(
    file: str,
    name: str,
    lines: Sequence[str],
    spans: Mapping[str, Sequence[int]],
    begins: Mapping[str, int],
    outcome: Outcome,
) -> Mutant:
    mangled = name[: name.index("__mutmut")]
    before = _function(lines, spans[f"{mangled}__mutmut_orig"], mangled)
    after = _function(lines, spans[name], mangled)
    function = function_of(mangled)
    changed = [
        one for one in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if one[0] != "equal"
    ]
    removed = tuple(line.strip() for _, low, high, _, _ in changed for line in before[low:high])
    added = tuple(line.strip() for _, _, _, low, high in changed for line in after[low:high])
    offset = changed[0][1] if changed else 0
    return Mutant(file, begins.get(function, 1) + offset, function, removed, added, outcome)


def _function(lines: Sequence[str], span: Sequence[int], mangled: str) -> list[str]:
    found = list(lines[span[0] - 1 : span[1]])
    name = re.compile(rf"\b{re.escape(mangled)}__mutmut_\w+")
    return [name.sub(mangled, one) for one in found]


def function_of(mangled: str) -> str:
    """``xǁClassǁmethod`` to ``Class.method``, ``x_function`` to ``function``."""
    if _SEPARATOR in mangled:
        return mangled[mangled.index(_SEPARATOR) + 1 :].replace(_SEPARATOR, ".")
    return mangled.removeprefix("x_")


def _functions(source: str) -> dict[str, int]:
    """Function or ``Class.method`` → the line of its ``def``."""
    found: dict[str, int] = {}

    def visit(body: Sequence[Any], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[prefix + node.name] = node.lineno
            elif isinstance(node, ast.ClassDef):
                visit(node.body, f"{node.name}.")

    visit(ast.parse(source).body, "")
    return found
