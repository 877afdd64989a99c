"""``make access-logs``: questions to the edge's access logs, in the SQL that Athena runs on AWS, answered by DuckDB."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from emulation.private import keep_private
from infra.access_logs.dialects import Engine, query
from infra.access_logs.logs import CLOUDFRONT, GATEWAY, GATEWAY_FIELDS, Log
from infra.access_logs.questions import QUESTIONS, Question
from kit.settings import Settings
from kit.words import Language, Words

if TYPE_CHECKING:
    import duckdb

#: folder of the log bucket → file of ``.asyncsns/logs``
_FILES: Final = {"cloudfront": "cloudfront-access.log", "gateway": "gateway-access.log"}
#: Types of Hive that DuckDB calls otherwise.
_TYPES: Final = {"string": "varchar", "int": "integer"}
#: Whole lines: no byte of them is a delimiter or a quotation mark.
_LINES: Final = "auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', ignore_errors = true"
_HOURS: Final = 24

Json = dict[str, Any]


class AccessLogs:
    """The logs of a folder as tables like Glue's. Files are read again with each question."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self._connection: duckdb.DuckDBPyConnection = duckdb.connect()
        for log in (CLOUDFRONT, GATEWAY):
            self._connection.execute(_view(log, _parts(folder, log)))

    def ask(self, question: Question, *, hours: int, now: datetime | None = None) -> Json:
        """``columns`` and ``rows``, with what a chart and a heading need."""
        cursor = self._connection.execute(query(question.name, Engine.DUCKDB, hours=hours, now=now))
        columns = [one[0] for one in cursor.description or ()]
        rows = [[_plain(value) for value in row] for row in cursor.fetchall()]
        return {
            "name": question.name, "en": question.en, "ja": question.ja, "columns": columns, "rows": rows,
            "label": question.label, "value": question.value, "unit": question.unit,
        }  # fmt: skip


def _parts(folder: Path, log: Log) -> list[Path]:
    """The file that is written, and the one before it."""
    file = folder / _FILES[log.folder]
    return [one for one in (file.with_name(f"{file.name}.1"), file) if one.exists()]


def _view(log: Log, files: list[Path]) -> str:
    """Values that are none of the column's type become NULL, as Hive's readers have it."""
    types = {name: _TYPES.get(kind, kind) for name, kind in log.columns.items()}
    columns = ", ".join(f'TRY_CAST("{name}" AS {kind}) AS "{name}"' for name, kind in types.items())
    return f"CREATE VIEW {log.table} AS SELECT {columns} FROM {_texts(log, files)}"  # noqa: S608  # names of ours


def _texts(log: Log, files: list[Path]) -> str:
    """A relation with the columns of the log, all of them texts."""
    if not files:
        nothing = ", ".join(f'CAST(NULL AS varchar) AS "{name}"' for name in log.columns)
        return f"(SELECT {nothing} WHERE false)"
    names = ", ".join(_quoted(str(file)) for file in files)
    lines = f"read_csv([{names}], columns = {{'line': 'VARCHAR'}}, {_LINES})"
    if log is CLOUDFRONT:
        columns = ", ".join(f'parts[{number}] AS "{name}"' for number, name in enumerate(log.columns, start=1))
        split = f"SELECT string_split(line, '\t') AS parts FROM {lines} WHERE line NOT LIKE '#%'"  # noqa: S608
        return f"(SELECT {columns} FROM ({split}))"  # noqa: S608
    members = ", ".join(f"line ->> '$.{name}' AS \"{name.lower()}\"" for name in GATEWAY_FIELDS)
    whole = f"SELECT CASE WHEN json_valid(line) THEN line END AS line FROM {lines}"  # noqa: S608
    return f"(SELECT {members} FROM ({whole}))"  # noqa: S608


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(value: object) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if value is None or isinstance(value, str | int | float):
        return value
    return float(value)  # type: ignore[arg-type]  # Decimal


def _print(answers: list[Json], language: Language) -> None:
    console = Console()
    for answer in answers:
        title = Words(answer["en"], answer["ja"]).text(language)
        if not answer["rows"]:
            console.print(f"[bold]{title}[/bold]  –\n")
            continue
        table = Table(title=title, title_justify="left", title_style="bold")
        for number, name in enumerate(answer["columns"]):
            numeric = isinstance(answer["rows"][0][number], int | float)
            table.add_column(name.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
        for row in answer["rows"]:
            table.add_row(*map(_shown, row))
        console.print(table)


def _shown(value: object) -> str:
    return "" if value is None else f"{value:,.12g}" if isinstance(value, int | float) else str(value)


def main() -> int:
    """0: answered; 2: the name of a question or the hours are wrong."""
    names = [one.name for one in QUESTIONS]
    parser = argparse.ArgumentParser(prog="make access-logs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="question", help=", ".join(names))
    parser.add_argument("--hours", type=int, default=_HOURS)
    parser.add_argument("--json", action="store_true", help="one document, for the console")
    parser.add_argument("--lang", choices=("en", "ja"), default="en")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in names]:
        print(f"QUESTION: expected one of {', '.join(names)}, got {', '.join(unknown)}", file=sys.stderr)
        return 2
    if given.hours < 1:
        print(f"HOURS: expected a whole number from 1, got {given.hours}", file=sys.stderr)
        return 2
    keep_private()
    logs, now = AccessLogs(Settings.load().logs), datetime.now(UTC)
    wanted = [one for one in QUESTIONS if one.name in given.names or not given.names]
    answers = [logs.ask(one, hours=given.hours, now=now) for one in wanted]
    if given.json:
        print(json.dumps({"hours": given.hours, "answers": answers}, ensure_ascii=False))
    else:
        _print(answers, given.lang)
    return 0


if __name__ == "__main__":
    sys.exit(main())
