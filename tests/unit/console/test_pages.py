"""Data of the console's pages: traces by edge of the service map, calls by table, queues and redrive."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from fastapi.testclient import TestClient

from emulation.console.described import consumers_of
from emulation.console.emulator import EmulatorReader
from emulation.console.totals import Followed, TableCalls
from emulation.console.traces import Trace, TraceStore
from emulation.console.unanswered import sentence
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
        {"id": "00000000000000a1", "name": "gateway", "start_time": at, "end_time": at + 0.05,
         "http": {"request": {"method": "POST", "url": "/v1/posts"}}},
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
        (f"text={TRACE}", 1),
        ("text=post%20/V1/posts", 1),
        ("text=GET", 0),
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
    client, at, calls = TestClient(console(store)), time.time(), TableCalls()
    followed = Followed(Trace.table_calls, calls)

    def of_posts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = followed.over(store.between(0, at + 60), calls.by_table)["posts"]
        return found

    before = len(client.get("/api/map").json())
    assert len(of_posts()) == 1
    call = {"name": "DynamoDB", "namespace": "aws", "start_time": at, "end_time": at, "fault": True}
    read = {**call, "aws": {"operation": "GetItem", "table_name": "posts"}, "id": "00000000000000d2"}
    topic = {"name": "SNS", "namespace": "aws", "start_time": at, "end_time": at, "id": "00000000000000d3"}
    late = {"trace_id": TRACE, "id": "00000000000000d1", "parent_id": "00000000000000b1", "name": "late",
            "type": "subsegment", "start_time": at, "end_time": at, "subsegments": [read, topic]}  # fmt: skip
    store.add(json.dumps(late))
    assert len(client.get("/api/map").json()) == before + 1
    found = {one["operation"]: one["errors"] for one in of_posts()}
    assert found == {"PutItem": 1, "GetItem": 1}


def test_calls_are_counted_by_table_and_operation() -> None:
    calls = TableCalls()
    (call,) = Followed(Trace.table_calls, calls).over(filled().between(0, time.time() + 60), calls.by_table)["posts"]
    assert (call["operation"], call["count"], call["errors"], call["throttled"]) == ("PutItem", 1, 1, 1)
    assert 19 < call["p50"] < 21


def test_open_sockets_are_read_from_the_gateway() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "http://gateway/_sockets"
        return httpx.Response(200, json={"sockets": [{"device": "Firefox on Linux"}]})

    gateway = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer))
    assert EmulatorReader(httpx.Client(), gateway).sockets() == [{"device": "Firefox on Linux"}]


def test_a_page_names_the_server_that_does_not_respond() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    client = TestClient(console(nowhere=httpx.Client(base_url="http://x", transport=httpx.MockTransport(silent))))
    servers = {
        "mails": "The emulator", "tables/keys": "The emulator", "sockets": "The gateway", "streams": "The stream pump",
        "pushes": "The push service or the emulator",
    }  # fmt: skip
    for page, server in servers.items():
        answer = client.get(f"/api/{page}")
        assert (answer.status_code, answer.json()["message"].split(". ")[0]) == (503, f"{server} does not respond")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), "X does not respond."),
        (ReadTimeoutError(endpoint_url="http://x"), "X does not respond."),
        (ClientError({"Error": {"Code": "Throttling"}}, "ListQueues"), "X refused the request: Throttling."),
        (KeyError("x"), "The console could not read this page (KeyError)."),
    ],
)
def test_a_failure_is_said_in_a_sentence(error: Exception, said: str) -> None:
    assert sentence("X", error).startswith(said)


def test_a_refused_read_says_its_status() -> None:
    answer = httpx.Response(500, request=httpx.Request("GET", "http://x"))
    with pytest.raises(httpx.HTTPStatusError) as raised:
        answer.raise_for_status()
    assert sentence("X", raised.value).startswith("X answered with status 500.")


def test_a_span_without_its_parent_says_so_but_the_first_of_a_client_does_not() -> None:
    store, at = TraceStore(), time.time()
    first = {"id": "00000000000000a1", "parent_id": "00000000000000f1", "name": "cloudfront", "start_time": at,
             "end_time": at + 1, "http": {"request": {"method": "GET", "url": "/"}}}  # fmt: skip
    lost = {"id": "00000000000000b1", "parent_id": "00000000000000f2", "name": "post", "origin": FUNCTION,
            "start_time": at + 0.1, "end_time": at + 1}  # fmt: skip
    for one in (first, lost):
        store.add(json.dumps({"trace_id": TRACE, **one}))
    client = TestClient(console(store))

    def missing() -> list[str | None]:
        return [one["missing"] for one in client.get(f"/api/traces/{TRACE}").json()["spans"]]

    assert missing() == [None, "00000000000000f2"]
    store.add(json.dumps({"trace_id": TRACE, **lost, "id": "00000000000000f2", "parent_id": first["id"]}))
    assert missing() == [None, None, None]


def test_consumers_of_queues_come_from_mappings_and_destinations() -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:"
    failed = {"OnFailure": {"Destination": "failures"}}
    mappings: list[dict[str, Any]] = [
        {"FunctionArn": f"{arn}reader", "EventSourceArn": "queue"},
        {"FunctionArn": f"{arn}follower", "EventSourceArn": "stream", "DestinationConfig": failed},
    ]
    configurations: list[dict[str, Any]] = [
        {"FunctionArn": f"{arn}invoked:$LATEST", "DestinationConfig": failed},
        {"FunctionArn": f"{arn}other", "DestinationConfig": {"OnFailure": {}}},
    ]
    found = consumers_of(mappings, configurations)
    assert found.readers == {"queue": ["reader"], "stream": ["follower"]}
    assert found.failing == {"failures": ["follower", "invoked"]}
