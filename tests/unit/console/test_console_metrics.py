"""Alarms, dashboards and throttles as the console reads them from CloudWatch; pushes without their secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulation.console.emulator import EmulatorReader
from emulation.console.metrics import MetricReader
from emulation.console.pushes import PushReader

AT = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
BODY = {
    "widgets": [
        {"type": "text", "properties": {"markdown": "# hello"}},
        {"type": "metric", "properties": {"title": "Calls", "stat": "Sum", "period": 60, "metrics": [
            ["AWS/Lambda", "Invocations", "FunctionName", "post"],
            ["AWS/Lambda", "Invocations", "FunctionName", "chat"],
        ]}},
        {"type": "metric", "properties": {"title": "Latency", "stat": "p95", "metrics": [
            ["AWS/ApiGateway", "Latency", "ApiId", "a", {"stat": "p50"}], ["AWS/ApiGateway", "Latency", "ApiId", "a"],
        ]}},
        {"type": "metric", "properties": {"title": "Operations", "metrics": [
            [{"expression": "SEARCH('{app,service,operation} MetricName=\"Duration\"', 'p95', 60)", "id": "o"}],
        ]}},
        {"type": "metric", "properties": {"title": "Unknown", "metrics": [[{"expression": "m1 * 2", "id": "u"}]]}},
    ]
}  # fmt: skip
LISTED = [
    {"MetricName": "Duration",
     "Dimensions": [{"Name": "service", "Value": "s"}, {"Name": "operation", "Value": "read"}]},
    {"MetricName": "Duration", "Dimensions": [{"Name": "service", "Value": "s"}]},
]  # fmt: skip
THROTTLED = [{"MetricName": "WriteThrottleEvents", "Dimensions": [{"Name": "TableName", "Value": "posts"}]}]


class CloudWatch:
    """A fake CloudWatch: every metric has the values 1 and 3, except those of the function ``chat``."""

    def __init__(self, listed: list[dict[str, Any]] | None = None) -> None:
        self.listed = LISTED if listed is None else listed

    def get_paginator(self, operation: str) -> Any:
        rows = {"describe_alarms": self._alarms, "list_metrics": self._metrics}[operation]
        return type("Paginator", (), {"paginate": staticmethod(rows)})

    def _alarms(self, **_: Any) -> Iterator[dict[str, Any]]:
        def alarm(name: str, state: str) -> dict[str, Any]:
            return {"AlarmName": name, "StateValue": state, "MetricName": "Errors", "StateUpdatedTimestamp": AT,
                    "Dimensions": [{"Name": "FunctionName", "Value": name}]}  # fmt: skip

        yield {"MetricAlarms": [alarm("b", "OK"), alarm("c", "ALARM")]}
        yield {"MetricAlarms": [alarm("a", "OK"), alarm("d", "INSUFFICIENT_DATA")]}

    def _metrics(self, **asked: str) -> Iterator[dict[str, Any]]:
        named = [one for one in self.listed if one["MetricName"] == asked.get("MetricName", one["MetricName"])]
        yield {"Metrics": named}

    def list_dashboards(self) -> dict[str, Any]:
        return {"DashboardEntries": [{"DashboardName": "overview"}]}

    def get_dashboard(self, **_: str) -> dict[str, Any]:
        return {"DashboardBody": json.dumps(BODY)}

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        return {"MetricDataResults": [self._result(one, asked) for one in asked["MetricDataQueries"]]}

    def _result(self, query: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        silent = {"Name": "FunctionName", "Value": "chat"} in query["MetricStat"]["Metric"]["Dimensions"]
        values = [] if silent else [3.0, 1.0]
        times = [AT + timedelta(minutes=1 - place) for place in range(len(values))]
        inside = [(at, value) for at, value in zip(times, values, strict=True) if asked["StartTime"] <= at]
        return {"Id": query["Id"], "Timestamps": [at for at, _ in inside], "Values": [value for _, value in inside]}


def test_alarms_in_alarm_state_come_first() -> None:
    found = MetricReader(CloudWatch()).alarms()
    assert [(one["name"], one["state"]) for one in found] == [
        ("c", "ALARM"), ("d", "INSUFFICIENT_DATA"), ("a", "OK"), ("b", "OK"),
    ]  # fmt: skip
    assert (found[0]["metric"], found[0]["since"]) == ("Errors c", AT.timestamp() * 1000)


def test_a_dashboard_has_its_widgets_with_values_in_order_of_time() -> None:
    (board,) = MetricReader(CloudWatch()).dashboards(60)
    calls, latency, operations, unknown = board["widgets"]
    points = [(AT.timestamp(), 1.0), (AT.timestamp() + 60, 3.0)]
    assert calls == {"title": "Calls", "stat": "Sum", "series": [{"label": "post", "points": points}]}
    assert [one["label"] for one in latency["series"]] == ["p50", "p95"]
    assert [one["label"] for one in operations["series"]] == ["Duration"]
    assert (unknown["title"], unknown["series"]) == ("Unknown", [])


def test_throttles_are_summed_by_table() -> None:
    assert MetricReader(CloudWatch(THROTTLED)).throttles(30) == {"posts": 4}
    assert MetricReader(CloudWatch([])).throttles(30) == {}


def test_pushes_are_shown_without_addresses_keys_and_texts() -> None:
    """A subscription's id is its push address; its holder can push to the device."""
    trace = "1-6b04b32c-964a663396e0d4d9a13e8113"
    body = {"title": "Ann", "body": "meet me at eight", "tag": "t", "trace": f"Root={trace};Parent=1;Sampled=1"}
    base = {"id": "m", "at": "2026-12-01T00:00:00Z", "headers": {"ttl": "60", "urgency": "high"}, "subject": "mailto:a"}
    messages = [
        {**base, "subscription": "capability", "body": json.dumps(body), "error": None, "taken_at": None},
        {**base, "subscription": "another", "body": None, "error": None, "taken_at": "2026-12-01T00:00:01Z"},
    ]
    http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=messages)))
    second, first = sorted(PushReader("http://push", http=http).all(), key=lambda one: one["title"] or "")
    said = json.dumps([first, second])
    assert not [one for one in ("capability", "another", "meet me", "mailto") if one in said]
    assert (first["title"], first["trace"], first["ttl"], first["urgency"]) == ("Ann", trace, "60", "high")
    assert (second["title"], second["takenAt"]) == (None, "2026-12-01T00:00:01Z")
    assert first["device"] != second["device"]


def test_pushes_to_phones_are_among_those_to_browsers_by_time() -> None:
    def browser(at: str) -> dict[str, Any]:
        return {"at": at, "subscription": "s", "body": None, "headers": {}}

    phone = {"at": "2026-12-01T00:00:02Z", "device": "d", "platform": "GCM", "title": "Ann", "tag": "t", "trace": None}
    answers: dict[str, Any] = {
        "http://push/messages": [browser("2026-12-01T00:00:01Z"), browser("2026-12-01T00:00:03Z")],
        "http://emulator/_asyncsns/phones": {"pushes": [phone]},
    }

    http = httpx.Client(transport=httpx.MockTransport(lambda asked: httpx.Response(200, json=answers[str(asked.url)])))
    found = PushReader("http://push", "http://emulator", http).all()
    assert [(one["channel"], one["at"][-3:-1]) for one in found] == [
        ("browser", "03"),
        ("phone", "02"),
        ("browser", "01"),
    ]
    assert found[0].keys() == found[1].keys()
    assert [one["channel"] for one in PushReader("http://push", http=http).all()] == ["browser"] * 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_hot_keys_are_requested_from_the_emulator_on_demand(method: str) -> None:
    asked: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, str(request.url)))
        return httpx.Response(200, json={"running": True, "tables": {}})

    http = httpx.Client(base_url="http://emulator", transport=httpx.MockTransport(answer))
    assert EmulatorReader(http, http).keys(method) == {"running": True, "tables": {}}
    assert asked == [(method, "http://emulator/_asyncsns/keys")]
