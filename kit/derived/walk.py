"""Compares twice before it reports a difference, and stores the progress of a rebuild."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.common.derived import Compared, Comparison

#: Effects of what people do right now are on their way: what still differs after this long, in the same way, is wrong.
SETTLE_SECONDS = 5.0
Told = Callable[[int], None]


def differing(
    compare: Comparison,
    after: str | None,
    told: Told,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Compared]:
    """Subjects that differ in the same way in two comparisons.

    Args:
        told: called with the number of compared subjects.
    """
    first: dict[str, tuple[str, ...]] = {}
    for number, one in enumerate(compare(after), 1):
        if one.differences:
            first[one.subject] = one.differences
        told(number)
    if not first:
        return
    wait(SETTLE_SECONDS)
    for one in compare(after):
        if one.differences and one.differences == first.get(one.subject):
            yield one


@dataclass(frozen=True)
class Bookmark:
    """The last repaired subject, in a file of its own: an interrupted rebuild continues after it."""

    file: Path

    def read(self) -> str | None:
        try:
            return str(json.loads(self.file.read_text("utf-8"))["after"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, subject: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text(json.dumps({"after": subject}), "utf-8")
        temporary.replace(self.file)

    def forget(self) -> None:
        self.file.unlink(missing_ok=True)
