"""Data of the console's pages: traces by edge of the service map, calls by table, queues and redrive."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
from fastapi.testclient import TestClient

from emulation.console.emulator import EmulatorReader
from emulation.console.tables import calls_by_table
from emulation.console.traces import TraceStore
from tests.unit.console.test_console import TRACE, console

FUNCTION = "AWS::Lambda::Function"


def filled() -> TraceStore:
    """One trace: a gateway calls a function, which calls DynamoDB, which throttles."""
    at = time.time()
    call = {
        "id": "00000000000000c3", "name": "dynamodb", "namespace": "aws", "start_time": at, "end_time": at + 0.02,
        "aws": {"operation": "PutItem", "table_name": "posts", "retries": 2}, "error": True, "throttle": True,
        "cause": {"exceptions": [{"type": "Throttled", "message": "slow down"}]},
    }  # fmt: skip
    handler = {
        "id": "00000000000000c2", "type": "subsegment", "parent_id": "00000000000000b1", "name": "## handle",
        "annotations": {"Service": "posts"}, "start_time": at, "end_time": at + 0.03, "subsegments": [call],
    }  # fmt: skip
    segments: list[dict[str, Any]] = [
        {"id": "00000000000000a1", "name": "gateway", "start_time": at, "end_time": at + 0.05},
        {"id": "00000000000000b1", "parent_id": "00000000000000a1", "name": "post", "origin": FUNCTION,
         "start_time": at, "end_time": at + 0.04},
        handler,
    ]  # fmt: skip
    store = TraceStore()
    for one in segments:
        store.add(json.dumps({"trace_id": TRACE, **one}))
    return store


def test_a_function_is_one_node_and_its_lines_lead_to_traces() -> None:
    client = TestClient(console(filled()))
    services = client.get("/api/map").json()
    names = {one["ReferenceId"]: one["Name"] for one in services}
    lines = {(one["Name"], names[edge["ReferenceId"]]) for one in services for edge in one["Edges"]}
    assert lines == {("client", "gateway"), ("gateway", "post"), ("post", "dynamodb")}
    (summary,) = client.get("/api/traces").json()
    assert [one["Name"] for one in summary["ServiceIds"]] == ["dynamodb", "gateway", "post"]
    for query, count in (
        ("from=post&to=dynamodb", 1),
        ("from=gateway&to=dynamodb", 0),
        ("node=post", 1),
        ("node=posts", 0),
        ("failed=1", 1),
    ):
        assert len(client.get(f"/api/traces?{query}").json()) == count, query


def test_a_span_shows_its_operation_and_its_errors() -> None:
    spans = TestClient(console(filled())).get(f"/api/traces/{TRACE}").json()["spans"]
    call = next(one for one in spans if one["name"] == "dynamodb")
    assert call["aws"] == {"operation": "PutItem", "table_names": ["posts"]}
    assert (call["problems"], call["throttle"]) == (["Throttled: slow down"], True)
    assert {one["parent"] for one in spans} == {None, "00000000000000a1", "00000000000000b1", "00000000000000c2"}


def test_late_segments_appear_on_the_map_and_in_the_calls() -> None:
    """Segments that arrive after the first read of the map and the calls."""
    store = filled()
    client, at = TestClient(console(store)), time.time()
    before = len(client.get("/api/map").json())
    assert len(calls_by_table(store.between(0, at + 60))["posts"]) == 1
    call = {"name": "DynamoDB", "namespace": "aws", "start_time": at, "end_time": at, "fault": True}
    read = {**call, "aws": {"operation": "GetItem", "table_name": "posts"}, "id": "00000000000000d2"}
    topic = {"name": "SNS", "namespace": "aws", "start_time": at, "end_time": at, "id": "00000000000000d3"}
    late = {"trace_id": TRACE, "id": "00000000000000d1", "parent_id": "00000000000000b1", "name": "late",
            "type": "subsegment", "start_time": at, "end_time": at, "subsegments": [read, topic]}  # fmt: skip
    store.add(json.dumps(late))
    assert len(client.get("/api/map").json()) == before + 1
    found = {one["operation"]: one["errors"] for one in calls_by_table(store.between(0, at + 60))["posts"]}
    assert found == {"PutItem": 1, "GetItem": 1}


def test_calls_are_counted_by_table_and_operation() -> None:
    (call,) = calls_by_table(filled().between(0, time.time() + 60))["posts"]
    assert (call["operation"], call["count"], call["errors"], call["throttled"]) == ("PutItem", 1, 1, 1)
    assert 19 < call["p50"] < 21


def test_open_sockets_are_read_from_the_gateway() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "http://gateway/_sockets"
        return httpx.Response(200, json={"sockets": [{"device": "Firefox on Linux"}]})

    gateway = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer))
    assert EmulatorReader(httpx.Client(), gateway).sockets() == [{"device": "Firefox on Linux"}]
