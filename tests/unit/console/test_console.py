"""The console: X-Ray's daemon protocol and API, and metrics from EMF."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from emulation.console.access_logs import AccessLogs
from emulation.console.app import create_app
from emulation.console.daemon import XRayDaemon, split_datagram
from emulation.console.described import ApiDescribed
from emulation.console.documents import BadDocument
from emulation.console.drills import Drills
from emulation.console.emf import EmfHarvester, combined, metric_data
from emulation.console.emulator import EmulatorReader
from emulation.console.log_lines import ApiLines, LineIndex
from emulation.console.logs import LogReader
from emulation.console.metrics import MetricReader
from emulation.console.pages import Programs, Readers
from emulation.console.pushes import PushReader
from emulation.console.queues import QueueReader
from emulation.console.saved import Saves
from emulation.console.tables import TableReader
from emulation.console.traces import TraceStore

TRACE = "1-5759e988-bd862e3fe1be46a994272793"
HEADER = b'{"format": "json", "version": 1}\n'


def console(
    store: TraceStore | None = None, sqs: Any = None, logs: Any = None, drills: Drills | None = None,
    functions: Any = None, nowhere: httpx.Client | None = None,
) -> FastAPI:  # fmt: skip
    index, nowhere, described = LineIndex(ApiLines(logs)), nowhere or httpx.Client(), ApiDescribed(sqs, None, functions)
    readers = Readers(
        EmulatorReader(nowhere, nowhere), LogReader(index), QueueReader(sqs, described),
        TableReader(described, nowhere), MetricReader(None), PushReader("http://push", http=nowhere),
    )  # fmt: skip
    return create_app(
        store or TraceStore(), readers, None, None, Programs(drills or Drills(()), AccessLogs(()), Saves(()))
    )


def segment(**changes: Any) -> dict[str, Any]:
    start = time.time()
    return {
        "trace_id": TRACE,
        "id": "70de5b6f19ff9a0a",
        "name": "edge",
        "start_time": start,
        "end_time": start + 0.05,
        "http": {"request": {"method": "GET", "url": "/v1/me"}, "response": {"status": 200}},
    } | changes


def lambda_subsegment(start: float) -> dict[str, Any]:
    return {
        "trace_id": TRACE,
        "type": "subsegment",
        "parent_id": "70de5b6f19ff9a0a",
        "id": "70de5b6f19ff9a0b",
        "name": "## handler",
        "annotations": {"Service": "query", "ColdStart": False},
        "start_time": start,
        "end_time": start + 0.03,
        "subsegments": [
            {
                "id": "70de5b6f19ff9a0c",
                "name": "DynamoDB",
                "namespace": "aws",
                "aws": {"operation": "GetItem"},
                "start_time": start + 0.01,
                "end_time": start + 0.02,
                "fault": True,
            }
        ],
    }


def test_a_datagram_is_a_header_line_and_a_document() -> None:
    assert split_datagram(HEADER + b'{"a": 1}') == '{"a": 1}'
    for wrong in (b"{}", b'{"format": "xml", "version": 1}\n{}', b"nonsense\n{}"):
        with pytest.raises(BadDocument):
            split_datagram(wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"trace_id": "x"}, {"trace_id": TRACE + "\n"}, {"id": "x"}, {"name": ""}, {"start_time": "now"},
        {"start_time": True}, {"start_time": 10**400}, {"end_time": "later"}, {"parent_id": []}, {"subsegments": {}},
        {"subsegments": ["x"]}, {"annotations": ["x"]}, {"aws": "x"}, {"http": {"request": "x"}},
        {"cause": {"exceptions": ["x"]}},
    ],
)  # fmt: skip
def test_a_malformed_document_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(BadDocument, match=next(iter(change))):
        TraceStore().add(json.dumps(segment(**change)))


def test_a_malformed_subsegment_is_refused_with_its_segment() -> None:
    for inner, name in (({"id": "x"}, "id"), ({**segment(), "start_time": None}, "start_time")):
        with pytest.raises(BadDocument, match=name):
            TraceStore().add(json.dumps(segment(subsegments=[inner])))
    deep: dict[str, Any] = segment()
    for _ in range(60):
        deep = segment(subsegments=[deep])
    with pytest.raises(BadDocument, match="deep"):
        TraceStore().add(json.dumps(deep))


@pytest.mark.parametrize("text", ["", "[]", '"x"', "[" * 100_000, '{"x": NaN}', '{"x": 1e999}'])
def test_a_document_that_is_not_a_json_object_is_refused(text: str) -> None:
    with pytest.raises(BadDocument):
        TraceStore().add(text)


def test_documents_that_are_each_others_parents_are_shown() -> None:
    """A malformed document cannot break the pages."""
    store, at = TraceStore(), time.time()
    ids = "00000000000000a1", "00000000000000a2", "00000000000000a3"
    for own, parent in zip(ids, (*ids[1:], ids[0]), strict=True):
        part = {"type": "subsegment", "parent_id": parent, "name": "part", "id": own}
        call = {"id": own[:-2] + "b" + own[-1], "name": "dynamodb", "namespace": "aws", "start_time": at}
        store.add(json.dumps({"trace_id": TRACE, **part, "start_time": at, "end_time": at, "subsegments": [call]}))
    client = TestClient(console(store))
    for path in ("/api/map", "/api/traces", "/api/traces?node=dynamodb", f"/api/traces/{TRACE}"):
        assert client.get(path).status_code == 200, path


def test_half_of_a_surrogate_pair_in_a_name_is_shown() -> None:
    store = TraceStore()
    store.add(json.dumps(segment(name="half \ud83d")))
    client = TestClient(console(store))
    for path in ("/api/map", "/api/traces", f"/api/traces/{TRACE}"):
        assert "half \\ud83d" in client.get(path).text, path


def test_the_store_forgets_the_oldest_trace_first() -> None:
    store = TraceStore(limit=2)
    ids = [f"1-5759e988-bd862e3fe1be46a99427279{number}" for number in range(3)]
    for one in ids:
        store.add(json.dumps(segment(trace_id=one)))
    assert [store.get(one) is not None for one in ids] == [False, True, True]


def test_the_api_gives_summaries_documents_and_the_graph() -> None:
    client = TestClient(console())
    first = segment()
    documents = [json.dumps(first), json.dumps(lambda_subsegment(first["start_time"] + 0.01)), "{}"]
    put = client.post("/TraceSegments", json={"TraceSegmentDocuments": documents}).json()
    assert [one["ErrorCode"] for one in put["UnprocessedTraceSegments"]] == ["InvalidDocument"]

    window = {"StartTime": time.time() - 60, "EndTime": time.time() + 60}
    (summary,) = client.post("/TraceSummaries", json=window).json()["TraceSummaries"]
    assert summary["Id"] == TRACE
    assert summary["HasFault"] is True
    assert summary["Http"] == {"HttpURL": "/v1/me", "HttpMethod": "GET", "HttpStatus": 200}

    whole = client.post("/Traces", json={"TraceIds": [TRACE, "1-00000000-000000000000000000000000"]}).json()
    assert len(whole["Traces"][0]["Segments"]) == 2
    assert whole["UnprocessedTraceIds"] == ["1-00000000-000000000000000000000000"]

    services = client.post("/ServiceGraph", json=window).json()["Services"]
    names = {one["ReferenceId"]: one["Name"] for one in services}
    edges = {(one["Name"], names[edge["ReferenceId"]]) for one in services for edge in one["Edges"]}
    assert edges == {("client", "edge"), ("edge", "query"), ("query", "dynamodb")}


def test_unsupported_requests_are_refused_as_by_x_ray() -> None:
    client = TestClient(console())
    answer = client.post("/TraceSummaries", json={"StartTime": 1, "EndTime": 2, "FilterExpression": "fault"})
    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "InvalidRequestException"
    window: dict[str, Any] = {"StartTime": 1, "EndTime": 2}
    for path, body in (
        ("/TraceSummaries", {"StartTime": 2, "EndTime": 1}),
        ("/TraceSummaries", {**window, "NextToken": "x"}),
        ("/TraceSummaries", {**window, "NextToken": {"a": 1}}),
        ("/TraceSummaries", []),
        ("/Traces", {"TraceIds": [{}]}),
        ("/Traces", {"TraceIds": TRACE}),
        ("/TraceSegments", {"TraceSegmentDocuments": [{}]}),
        ("/ServiceGraph", "x"),
    ):
        assert client.post(path, json=body).status_code == 400, (path, body)
    assert client.post("/Traces", content=b"{").status_code == 400


EMF = {
    "_aws": {
        "Timestamp": 1_700_000_000_000,
        "CloudWatchMetrics": [
            {
                "Namespace": "asyncsns",
                "Dimensions": [["service"]],
                "Metrics": [{"Name": "PostsPublished", "Unit": "Count"}, {"Name": "Absent", "Unit": "Count"}],
            }
        ],
    },
    "service": "post",
    "PostsPublished": [1.0, 2.0],
}


def test_metrics_are_read_from_a_log_line() -> None:
    ((namespace, datum),) = list(metric_data(json.dumps(EMF)))
    assert namespace == "asyncsns"
    assert datum["Values"] == [1.0, 2.0]
    assert datum["Dimensions"] == [{"Name": "service", "Value": "post"}]
    assert list(metric_data("START RequestId")) == []
    assert list(metric_data('{"_aws": 3}')) == []


class FakeLogs:
    class exceptions:
        ResourceNotFoundException = KeyError

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.events = events

    def get_paginator(self, name: str) -> FakeLogs:
        self.operation = name
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        if "logGroupName" not in request:
            return [{"logGroups": [{"logGroupName": "/aws/lambda/post"}]}]
        return [{"events": [event for event in self.events if event["timestamp"] >= request["startTime"]]}]


class FakeCloudWatch:
    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []
        self.fails = False

    def put_metric_data(self, **request: Any) -> None:
        if self.fails:
            raise ConnectionError("no emulator")
        self.put += request["MetricData"]


def test_every_log_event_is_counted_once() -> None:
    soon = int(time.time() * 1000) + 1_000
    event = {"logStreamName": "s", "timestamp": soon, "eventId": "1", "message": json.dumps(EMF)}
    logs, cloudwatch = FakeLogs([event]), FakeCloudWatch()
    harvester = EmfHarvester(LineIndex(ApiLines(logs)), cloudwatch)
    assert harvester.harvest() == 1
    assert harvester.harvest() == 0
    logs.events.append(event | {"eventId": "2"})
    assert harvester.harvest() == 1
    logs.events.append(event | {"eventId": "3", "timestamp": soon + 5})
    assert harvester.harvest() == 1
    assert len(cloudwatch.put) == 3


def test_log_events_are_read_again_after_a_failed_metric_put() -> None:
    soon = int(time.time() * 1000) + 1_000
    event = {"logStreamName": "s", "timestamp": soon, "eventId": "1", "message": json.dumps(EMF)}
    cloudwatch = FakeCloudWatch()
    harvester = EmfHarvester(LineIndex(ApiLines(FakeLogs([event]))), cloudwatch)
    cloudwatch.fails = True
    with pytest.raises(ConnectionError):
        harvester.harvest()
    cloudwatch.fails = False
    assert harvester.harvest() == 1
    assert len(cloudwatch.put) == 1


def test_points_of_one_metric_and_minute_are_put_as_one() -> None:
    at = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)

    def point(value: float, operation: str = "a", seconds: int = 0) -> dict[str, Any]:
        dimensions = [{"Name": "operation", "Value": operation}]
        moment = at + timedelta(seconds=seconds)
        return {
            "MetricName": "Duration", "Dimensions": dimensions, "Timestamp": moment, "Unit": "Milliseconds",
            "Values": [value],
        }  # fmt: skip

    put = combined([point(12.34), point(12.31, seconds=9), point(7.0), point(1.0, "b"), point(12.3, seconds=60)])
    assert [(one["Values"], one["Counts"]) for one in put] == [
        ([7.0, 12.3], [1.0, 2.0]),
        ([1.0], [1.0]),
        ([12.3], [1.0]),
    ]
    assert len(combined([point(float(number)) for number in range(400)])) == 3


async def test_segments_that_arrive_in_a_burst_are_not_lost() -> None:
    """More than a Linux socket buffers by default: 212,992 bytes, where a 1 KB segment takes up twice its size."""
    store, loop = TraceStore(), asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: XRayDaemon(store), local_addr=("127.0.0.1", 0))
    padding = "x" * 1000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(150):
            segment = {"trace_id": TRACE, "id": f"{number:016x}", "name": padding, "start_time": 1, "end_time": 2}
            sender.sendto(HEADER + json.dumps(segment).encode(), transport.get_extra_info("sockname"))
    async with asyncio.timeout(60):
        while store.received < 150:  # noqa: ASYNC110 - the store is the protocol's, and tells nobody
            await asyncio.sleep(0)
    transport.close()
