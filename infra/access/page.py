"""``docs/access.md``: the table for readers. ``python -m infra.access.page`` (``make access``) writes it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from infra.access.model import Person, Right
from infra.access.table import REFUSALS, RIGHTS

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "access.md"
BEGIN, END = "<!-- table: written by `make access` -->", "<!-- end of the table -->"


def written_into(page: str) -> str:
    """``page`` with the present table between its marks.

    Raises:
        ValueError: the page has no marks.
    """
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"docs/access.md: expected the marks {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{_table()}\n{END}{after}"


def _table() -> str:
    people = [person for person in Person if person is not Person.END_USER]
    head = ["| May | " + " | ".join(f"{person}: test | prod" for person in people) + " |", "|---|" + "---|---|" * 3]
    rows = [f"| {right.what} | " + " | ".join(_cells(right, person) for person in people) + " |" for right in RIGHTS]
    refused = [f"| {one.what} | {'prod' if one.only_prod else 'all'} |" for one in REFUSALS]
    return "\n".join(
        [*head, *rows, "", "What the boundary of the deploying role refuses, whatever its policy says:", "",
         "| May not | Stages |", "|---|---|", *refused, ""]
    )  # fmt: skip


def _cells(right: Right, person: Person) -> str:
    return f"{_sign(person in right.test)} | {_sign(person in right.prod)}"


def _sign(allowed: bool) -> str:
    return "yes" if allowed else "–"


def main() -> None:
    PAGE.write_text(written_into(PAGE.read_text("utf-8")), "utf-8")
    sys.stdout.write("wrote docs/access.md\n")


if __name__ == "__main__":
    main()
