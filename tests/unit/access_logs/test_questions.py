"""The access-log queries: DuckDB runs them on edge log lines, and Athena's dialect gives the same results."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from emulation.edge import edge_log, gateway_log
from infra.access_logs.dialects import DIFFERENCES, Engine, query
from infra.access_logs.logs import CLOUDFRONT, GATEWAY, GATEWAY_FIELDS, gateway_format
from infra.access_logs.questions import QUESTIONS
from infra.constants import RATE_PER_FIVE_MINUTES
from kit.access_logs import AccessLogs

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
POST = "01JD0000000000000000000ABC"
BROWSER, ROBOT = "Mozilla/5.0%20(X11)", "ExampleBot/1.0%20(+https://example.com)"


def seen(path: str, *, ago: timedelta = timedelta(minutes=7), **changes: Any) -> str:
    """A line of CloudFront's log."""
    at = NOW - ago
    values = dict.fromkeys(edge_log.FIELDS.split(), "-") | {
        "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}", "sc-bytes": "1000", "c-ip": "192.0.2.1", "cs-method": "GET",
        "cs-uri-stem": path, "sc-status": "200", "x-edge-result-type": "Miss", "time-taken": "0.100",
        "cs(User-Agent)": BROWSER,
    }  # fmt: skip
    return "\t".join(str(value) for value in (values | changes).values())


def called(route: str, **changes: Any) -> str:
    """A line of the HTTP API's log, in the format that is deployed."""
    method, _, path = route.partition(" ")
    at = (NOW - timedelta(minutes=7)).timestamp()
    values = {"httpMethod": method, "path": path, "status": 200, "responseLatency": 20, **gateway_log.moments(at)}
    return gateway_log.line(gateway_format(), values | changes)


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    def answers(name: str, viewer: list[str] | None = None, gateway: list[str] | None = None) -> list[dict[str, Any]]:
        if viewer is not None:
            (tmp_path / "cloudfront-access.log").write_text("\n".join([edge_log.HEADER, *viewer]) + "\n")
        if gateway is not None:
            (tmp_path / "gateway-access.log").write_text("\n".join(gateway) + "\n")
        question = next(one for one in QUESTIONS if one.name == name)
        found = AccessLogs(tmp_path).ask(question, hours=24, now=NOW)
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]

    return answers


def test_traffic_by_hour_leaves_out_older_requests(ask: Any) -> None:
    old = seen("/", ago=timedelta(hours=25))
    lines = [seen("/"), seen("/", **{"sc-status": "404"}), seen("/", **{"sc-status": "503"}), old]
    assert ask("traffic", lines) == [{"hour": "2026-11-30 11:00", "requests": 3, "refused": 1, "failed": 1}]


def test_revalidated_answers_count_as_hits_of_their_area(ask: Any) -> None:
    hit, renewed = {"x-edge-result-type": "Hit"}, {"x-edge-result-type": "RefreshHit"}
    lines = [seen("/assets/a.js", **hit), seen("/assets/a.js", **renewed), seen("/assets/a.js"), seen("/v1/me")]
    assert [(one["area"], one["hits"], one["hit_percent"]) for one in ask("hit-ratio", lines)] == [
        ("scripts, styles, fonts", 2, 66.7),
        ("API", 0, 0.0),
    ]


def test_slow_paths_have_no_ids(ask: Any) -> None:
    person = "0b7f9b9c-1111-4222-8333-444455556666"
    lines = [
        seen(f"/v1/posts/{POST}", **{"time-taken": "2.000"}),
        seen(f"/v1/posts/{POST[:-1]}D"),
        seen(f"/v1/users/{person}"),
    ]
    found = ask("slow-paths", lines)
    assert [(one["path"], one["requests"]) for one in found] == [("GET /v1/posts/:id", 2), ("GET /v1/users/:id", 1)]
    assert found[0]["slowest_ms"] == 2000


def test_failing_paths_are_counted_by_status(ask: Any) -> None:
    lines = [seen("/v1/me", **{"sc-status": "401"})] * 3 + [seen("/v1/me", **{"sc-status": "503"}), seen("/v1/me")]
    assert [(one["failure"], one["failed"]) for one in ask("failing-paths", lines)] == [
        ("401 GET /v1/me", 3),
        ("503 GET /v1/me", 1),
    ]


def test_bytes_are_summed_by_area(ask: Any) -> None:
    lines = [seen("/media/private/a.jpg", **{"sc-bytes": "3000000"}), seen("/media/public/b.jpg"), seen("/home")]
    found = {one["area"]: one["megabytes"] for one in ask("bytes", lines)}
    assert found == {"signed media": 3.0, "public media": 0.0, "pages": 0.0}


def test_bots_are_named_in_full(ask: Any) -> None:
    (found,) = ask("bots", [seen("/"), seen("/", **{"cs(User-Agent)": ROBOT}), seen("/", **{"cs(User-Agent)": ROBOT})])
    assert (found["agent"], found["requests"]) == ("ExampleBot/1.0 (+https://example.com)", 2)


def test_callers_are_held_against_the_rate_rule_by_five_minutes(ask: Any) -> None:
    many = [seen("/", ago=timedelta(minutes=8))] * (RATE_PER_FIVE_MINUTES + 1)
    # As many requests, but split over two five-minute windows.
    half = RATE_PER_FIVE_MINUTES // 2
    calm = [seen("/", ago=timedelta(minutes=ago), **{"c-ip": "192.0.2.2"}) for ago in (8, 3) for _ in range(half)]
    found = {one["caller"]: one for one in ask("callers", many + calm)}
    assert found["192.0.2.1"]["windows_over_the_rule"] == 1
    assert (found["192.0.2.2"]["most_in_five_minutes"], found["192.0.2.2"]["windows_over_the_rule"]) == (half, 0)


def test_the_gateways_slow_and_failing_routes_are_listed(ask: Any) -> None:
    lines = [
        called(f"GET /v1/posts/{POST}", responseLatency=900),
        called("POST /v1/posts", status=429),
        called("GET /v1/me", status=401, **{"authorizer.error": 'no "exp"'}),
    ]
    assert ask("slow-routes", gateway=lines)[0]["route"] == "GET /v1/posts/:id"
    failing = {one["failure"]: one for one in ask("failing-routes", gateway=lines)}
    assert set(failing) == {"429 POST /v1/posts", "401 GET /v1/me"}
    assert failing["401 GET /v1/me"]["an_authorizer_error"] == 'no "exp"'


@pytest.mark.parametrize("name", [one.name for one in QUESTIONS])
def test_missing_logs_and_torn_lines_give_an_empty_answer(ask: Any, name: str) -> None:
    assert ask(name) == []
    assert ask(name, ["2026-11-30\t11:5"], ['{"requestId":"a","ti']) == []


def test_the_older_file_is_read_too(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "cloudfront-access.log.1").write_text(f"{edge_log.HEADER}\n{seen('/')}\n")
    (found,) = ask("traffic", [seen("/")])
    assert found["requests"] == 2


@pytest.mark.parametrize("name", [one.name for one in QUESTIONS])
def test_athena_queries_parse_in_the_trino_dialect(name: str) -> None:
    """Each query is one SELECT in Trino's grammar, and reads only tables and columns that Glue defines."""
    parsed = sqlglot.parse_one(query(name, Engine.ATHENA, hours=24), read="trino")
    assert isinstance(parsed, exp.Select)
    tables = {one.name for one in parsed.find_all(exp.Table)} - {one.alias for one in parsed.find_all(exp.CTE)}
    (log,) = [one for one in (CLOUDFRONT, GATEWAY) if {one.table} == tables]
    source = parsed.find(exp.CTE)
    assert source is not None
    assert {one.name for one in source.find_all(exp.Column)} <= set(log.columns) | {"day"}


@pytest.mark.parametrize("name", [one.name for one in QUESTIONS])
def test_both_dialects_give_the_same_answers(name: str, tmp_path: Path) -> None:
    """sqlglot transpiles each Athena query to DuckDB; it returns the same rows as the DuckDB query."""
    recent = datetime.now(UTC).replace(tzinfo=None)
    viewer = [
        seen(
            f"/v1/posts/{POST}",
            **{"date": f"{recent:%Y-%m-%d}", "time": f"{recent:%H:%M:%S}", "cs(User-Agent)": ROBOT, "sc-status": "503"},
        )
    ] * 3
    moment = gateway_log.moments(recent.replace(tzinfo=UTC).timestamp())
    (tmp_path / "cloudfront-access.log").write_text("\n".join([edge_log.HEADER, *viewer]) + "\n")
    (tmp_path / "gateway-access.log").write_text(called(f"GET /v1/posts/{POST}", status=503, **moment) + "\n")
    logs = AccessLogs(tmp_path)
    logs._connection.execute("SET TimeZone = 'UTC'")
    logs._connection.execute(
        f"CREATE OR REPLACE VIEW {GATEWAY.table} AS SELECT *, '{recent:%Y/%m/%d}' AS day FROM ({_definition(logs)})"  # noqa: S608
    )
    transpiled = sqlglot.transpile(query(name, Engine.ATHENA, hours=24), read="trino", write="duckdb")[0]
    rows = logs._connection.execute(transpiled).fetchall()
    own = logs._connection.execute(query(name, Engine.DUCKDB, hours=24)).fetchall()
    assert [tuple(map(str, row)) for row in rows] == [tuple(map(str, row)) for row in own]
    assert len(own) == 1


def _definition(logs: AccessLogs) -> str:
    (text,) = logs._connection.execute(
        "SELECT sql FROM duckdb_views() WHERE view_name = ?", [GATEWAY.table]
    ).fetchone() or ("",)
    return str(text).partition(" AS ")[2].rstrip(";")


def test_each_difference_is_used_and_differs() -> None:
    folder = Path(query.__code__.co_filename).parent / "sql"
    text = "".join(file.read_text() for file in folder.glob("*.sql"))
    assert {name for name in DIFFERENCES if f"{{{name}}}" in text} == set(DIFFERENCES)
    assert [name for name, (athena, own) in DIFFERENCES.items() if athena == own] == []
    assert {file.stem for file in folder.glob("*.sql")} == {one.name for one in QUESTIONS} | {
        "source-viewer",
        "source-gateway",
    }


def test_columns_are_those_of_the_logs() -> None:
    assert len(CLOUDFRONT.columns) == len(edge_log.FIELDS.split())
    assert set(json.loads(gateway_format())) == set(GATEWAY_FIELDS)
