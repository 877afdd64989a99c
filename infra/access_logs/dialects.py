"""Differences between the two engines: one table, a column for each. Both run the same text of ``sql/`` otherwise.

https://trino.io/docs/current/functions.html, https://duckdb.org/docs/stable/sql/functions/overview
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from infra.constants import RATE_PER_FIVE_MINUTES

_SQL: Final = Path(__file__).parent / "sql"


class Engine(StrEnum):
    ATHENA = "athena"
    DUCKDB = "duckdb"


#: ULIDs, UUIDs and hexadecimal names in a path: with them each path would be asked for once.
_IDS: Final = "[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
#: User agents of programs. Browsers say Mozilla, and so do some robots.
_ROBOTS: Final = (
    "(?i)bot|crawl|spider|slurp|preview|monitor|python|curl|wget|httpx|okhttp|axios|go-http|java/|headless|locust"
)

#: placeholder of ``sql/`` → what it is for Athena (Trino), and for DuckDB
DIFFERENCES: Final[dict[str, tuple[str, str]]] = {
    "moment_of_viewer": (
        """date_parse(concat(CAST("date" AS varchar), ' ', "time"), '%Y-%m-%d %H:%i:%s')""",
        """try_strptime(concat(CAST("date" AS varchar), ' ', "time"), '%Y-%m-%d %H:%M:%S')""",
    ),
    "moment_of_gateway": (
        "CAST(from_unixtime(CAST(epoch AS bigint) / 1000) AS timestamp)",
        "epoch_ms(CAST(epoch AS bigint))",
    ),
    "shape_of_stem": (
        f"regexp_replace(cs_uri_stem, '{_IDS}', ':id')",
        f"regexp_replace(cs_uri_stem, '{_IDS}', ':id', 'g')",
    ),
    "shape_of_path": (f"regexp_replace(path, '{_IDS}', ':id')", f"regexp_replace(path, '{_IDS}', ':id', 'g')"),
    "is_robot": (f"regexp_like(agent, '{_ROBOTS}')", f"regexp_matches(agent, '{_ROBOTS}')"),
    "median": ("approx_percentile(milliseconds, 0.5)", "quantile_cont(milliseconds, 0.5)"),
    "percentile_95": ("approx_percentile(milliseconds, 0.95)", "quantile_cont(milliseconds, 0.95)"),
    "five_minutes": (
        "date_add('minute', -(minute(moment) % 5), date_trunc('minute', moment))",
        "date_trunc('minute', moment) - to_minutes(minute(moment) % 5)",
    ),
}


def query(name: str, engine: Engine, *, hours: int, now: datetime | None = None) -> str:
    """The SQL of ``sql/<name>.sql`` over the last ``hours``, with the source that it reads before it.

    ``now``: for DuckDB, which is asked once; Athena keeps the query and takes the time of its run.
    """
    body = _read(name)
    source = "gateway" if "FROM calls" in body else "viewer"
    column = list(Engine).index(engine)
    words = {placeholder: both[column] for placeholder, both in DIFFERENCES.items()}
    moment = (now or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
    words["now"] = "CAST(current_timestamp AS timestamp)" if engine is Engine.ATHENA else f"TIMESTAMP '{moment}'"
    words["hours"] = str(hours)
    words["days"] = _days(hours) if engine is Engine.ATHENA else ""
    words["rate"] = str(RATE_PER_FIVE_MINUTES)
    return (_read(f"source-{source}") + body).format_map(words)


def _days(hours: int) -> str:
    """Limits reads (and their cost) to these folders of the log."""
    return (
        f"\n    AND day >= date_format(current_timestamp - INTERVAL '{hours}' HOUR, '%Y/%m/%d')"
        "\n    AND day <= date_format(current_timestamp, '%Y/%m/%d')"
    )


def _read(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text("utf-8")
