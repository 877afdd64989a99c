"""``docs/parity.md`` and the README's table, from the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kit.settings import checkout_root
from loadtests.parity.deviations import DEVIATIONS
from loadtests.parity.measure import LAG, MEMORY, P50, P95, RATE, UP
from loadtests.parity.places import PLACES, SHORT
from loadtests.parity.record import Measured

PAGE = checkout_root() / "docs" / "parity.md"
BEGIN, END = "<!-- parity: begin -->", "<!-- parity: end -->"
NOT_RUN = "not run"
_FIGURES = (UP, RATE, P50, P95, LAG, MEMORY)


def _words(module: str) -> str:
    return module.replace("_", " ")


def _listed(modules: Iterable[str]) -> str:
    return ", ".join(map(_words, modules))


_HEAD = f"""# What works where

For people who want to know whether something works on another target. `make parity` writes this page. It starts each
target and runs the end-to-end suite (without tests that take minutes or stop servers), Locust with 10 people for 30
seconds, and the pipeline's bench.
`PLACES="compose"` selects targets; the others' results stay as they were. A cell shows the result of that run, or
"not run". `up` is the time of `make up` on the existing state: in a fresh clone it is the first one.
The whole suite runs on "{PLACES[0].title}"; elsewhere only these modules: {_listed(SHORT)}.
LocalStack has no seeded people, as after its `make up`; the others have.
A run shares its machine with other work (its load is in the table), so figures of different runs are only roughly
comparable.
"""


@dataclass(frozen=True)
class Words:
    """A README's table in one language. ``titles``: by name of a place, if they differ from its own. ``cells``: parts
    of cells → their translation."""

    tests: str
    rate: str
    titles: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)

    def cell(self, text: str) -> str:
        for part, translation in self.cells.items():
            text = text.replace(part, translation)
        return text


ENGLISH = Words("End-to-end tests that passed", "Requests/s, 10 people")
JAPANESE = Words(
    "成功したE2Eテスト",
    "リクエスト/秒(10人)",
    {
        place.name: place.title.replace(", ", "、").replace("processes", "プロセス").replace(" node", "ノード")
        for place in PLACES
    },
    {NOT_RUN: "未実行", " of ": "/", ", ": "、", " skipped": "件スキップ"},
)
#: File → its words.
READMES = {"README.md": ENGLISH, "README.ja.md": JAPANESE}


def write(record: Mapping[str, Measured]) -> None:
    """The page and both READMEs."""
    PAGE.write_text(render(record), "utf-8")
    for name, words in READMES.items():
        file = checkout_root() / name
        file.write_text(with_table(file.read_text("utf-8"), record, words), "utf-8")


def render(record: Mapping[str, Measured]) -> str:
    """The whole page."""
    parts = {
        "Runs": _runs(record),
        "Features": _features(record),
        "Tests that failed": _failures(record),
        "Figures": _figures(record),
        "Known deviations from AWS": _deviations(),
    }
    body = (line for title, rows in parts.items() for line in (f"## {title}", "", *rows, ""))
    return "\n".join([_HEAD, *body])


def table_of_readme(record: Mapping[str, Measured], words: Words = ENGLISH) -> list[str]:
    """The summary for a README in four lines: title, rule, tests and rate."""
    passed = [words.cell(_share(record.get(place.name))) for place in PLACES]
    rates = [words.cell(_figure(record.get(place.name), RATE)) for place in PLACES]
    return [
        _row("", *(words.titles.get(place.name, place.title) for place in PLACES)),
        _row(*["---"] * (len(PLACES) + 1)),
        _row(words.tests, *passed),
        _row(words.rate, *rates),
    ]


def with_table(readme: str, record: Mapping[str, Measured], words: Words = ENGLISH) -> str:
    """The README with today's table between its marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([f"{before}{BEGIN}", *table_of_readme(record, words), f"{END}{after}"])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _head(first: str) -> list[str]:
    return [_row(first, *(place.title for place in PLACES)), _row(*["---"] * (len(PLACES) + 1))]


def _runs(record: Mapping[str, Measured]) -> list[str]:
    rows = [_row("Target", "Command", "When, commit, machine", "Ended"), _row(*["---"] * 4)]
    for place in PLACES:
        found = record.get(place.name)
        when = f"{found.date}, {found.commit}, {found.machine}" if found else NOT_RUN
        ended = NOT_RUN if found is None else (found.stopped.replace("|", "/") or "yes")
        rows.append(_row(place.title, f"`{place.command}`", when, ended))
    return rows


def _features(record: Mapping[str, Measured]) -> list[str]:
    names = sorted({name for found in record.values() for name in found.features})
    return [*_head("Passed of run"), *(_row(_words(n), *(_cell(record.get(p.name), n) for p in PLACES)) for n in names)]


def _failures(record: Mapping[str, Measured]) -> list[str]:
    rows = [(place.title, one) for place in PLACES if place.name in record for one in record[place.name].failures]
    if not rows:
        return ["None."]
    return [_row("Where", "Test"), _row("---", "---"), *(_row(title, one.replace("|", "/")) for title, one in rows)]


def _cell(found: Measured | None, name: str) -> str:
    if found is None or name not in found.features:
        return NOT_RUN
    passed, failed, skipped = found.features[name]
    return f"{passed} of {passed + failed}" + (f", {skipped} skipped" if skipped else "")


def _share(found: Measured | None) -> str:
    if found is None or not found.features:
        return NOT_RUN
    passed = sum(counts[0] for counts in found.features.values())
    return f"{passed} of {passed + sum(counts[1] for counts in found.features.values())}"


def _figures(record: Mapping[str, Measured]) -> list[str]:
    return [*_head("Figure"), *(_row(n, *(_figure(record.get(p.name), n) for p in PLACES)) for n in _FIGURES)]


def _figure(found: Measured | None, name: str) -> str:
    return NOT_RUN if found is None or name not in found.figures else f"{found.figures[name]:,.1f}"


def _deviations() -> list[str]:
    rows = [_row("Where", "What", "Shown by", "Seen"), _row(*["---"] * 4)]
    return [*rows, *(_row(one.where, one.what, f"`{one.test}`", one.seen) for one in DEVIATIONS)]
