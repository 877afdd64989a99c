"""The matrix as a part of ``docs/security.md``: between its two marks everything is written by ``make api``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.access.matrix import ACTIONS, ROUTES
from services.access.rules import RULES, AccessOutcome, AccessRule, Asker

BEGIN, END = "<!-- matrix: written by `make api` -->", "<!-- end of the matrix -->"
_SIGNS = {AccessOutcome.YES: "yes", AccessOutcome.EMPTY: "nothing"}


def written_into(page: str) -> str:
    """``page`` with the present matrix between its marks.

    Raises:
        ValueError: the page has no marks.
    """
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"docs/security.md: expected the marks {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{matrix()}\n{END}{after}"


def matrix() -> str:
    """What each rule answers to whom, then the rule of each route and action."""
    head = ["| Rule | " + " | ".join(Asker) + " |", "|---|" + "---|" * len(Asker)]
    rules = [f"| {one.name} | " + " | ".join(_sign(one, asker) for asker in Asker) + " |" for one in RULES]
    meanings = [f"- **{one.name}**: {one.meaning}" for one in RULES]
    rows = [f"| {rule.name} | {', '.join(names)} |" for rule, names in _by_rule()]
    count = (len(ROUTES) + len(ACTIONS)) * len(Asker)
    tried = f"{len(ROUTES)} routes and {len(ACTIONS)} socket actions, {len(Asker)} kinds of person: {count:,} answers."
    meant = ["", *meanings, "", "| Rule | Routes and socket actions |", "|---|---|"]
    return "\n".join([tried, "", *head, *rules, *meant, *rows, ""])


def _sign(rule: AccessRule, asker: Asker) -> str:
    outcome = rule.answers[asker]
    return _SIGNS.get(outcome, str(outcome))


def _by_rule() -> Iterator[tuple[AccessRule, list[str]]]:
    rows: Mapping[str, AccessRule] = {**ROUTES, **ACTIONS}
    for rule in RULES:
        names = [f"`{name}`" for name, its in rows.items() if its is rule]
        if names:
            yield rule, names
