"""Fault injection: which requests match, the error answer, the counts, and the end of a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulation.emulator.faults import Fault, Faults, InvalidFaults, Request, request_of, service_of

THROTTLED = "ProvisionedThroughputExceededException"
SCOPE = b"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0"


class World:
    """Faults with a clock and a list of the recorded counts."""

    def __init__(self) -> None:
        self.now = 0.0
        self.counted: list[tuple[str, str, dict[str, str]]] = []
        self.faults = Faults(lambda *metric: self.counted.append(metric), lambda: self.now)

    def put(self, *faults: dict[str, Any], seconds: float = 60) -> None:
        self.faults.replace({"faults": list(faults), "seconds": seconds})


def put_item(table: str, **item: str) -> Request:
    body = json.dumps({"TableName": table, "Item": {name: {"S": value} for name, value in item.items()}})
    return Request("dynamodb", "PutItem", "/", body.encode())


@pytest.mark.parametrize(
    ("fault", "request_", "fits"),
    [
        (Fault("dynamodb"), put_item("posts"), True),
        (Fault("kinesis"), put_item("posts"), False),
        (Fault("dynamodb", ("PutItem",)), put_item("posts"), True),
        (Fault("dynamodb", ("GetItem",)), put_item("posts"), False),
        (Fault("dynamodb", resource="posts"), put_item("posts"), True),
        (Fault("dynamodb", resource="posts"), put_item("posts-2"), False),
        (Fault("dynamodb", resource="posts"), put_item("my-posts"), False),
        (Fault("dynamodb", containing='"POST#1"'), put_item("posts", pk="POST#1"), True),
        (Fault("dynamodb", containing='"POST#1"'), put_item("posts", pk="POST#12"), False),
        (Fault("sqs", resource="jobs"), Request("sqs", "SendMessage", "/", b'{"QueueUrl": "http://x/0/jobs"}'), True),
        (Fault("s3", resource="media"), Request("s3", "GetObject", "/media/a.jpg"), True),
        (Fault("s3", resource="media"), Request("s3", "GetObject", "/other/media.jpg"), False),
        (Fault("lambda", resource="f"), Request("lambda", "Invoke", "/2015-03-31/functions/f/invocations"), True),
    ],
)
def test_a_fault_matches_by_service_operation_and_resource(fault: Fault, request_: Request, fits: bool) -> None:
    assert fault.fits(request_) is fits


def test_a_fault_with_a_share_strikes_evenly() -> None:
    fault = Fault("dynamodb", share=0.4)
    assert [fault.strikes() for _ in range(10)] == [False, False, True, False, True] * 2
    assert fault.struck == 4


async def test_a_throttle_is_worded_and_counted_as_on_aws() -> None:
    world = World()
    world.put({"service": "dynamodb", "operations": ["PutItem"], "resource": "posts", "error": THROTTLED})
    assert await world.faults.strike(put_item("profiles")) is None
    struck = await world.faults.strike(put_item("posts"))
    assert struck is not None
    status, _, body = struck
    assert (status, json.loads(body)["__type"]) == (400, THROTTLED)
    assert world.counted == [
        ("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": "posts"}),
        ("AWS/DynamoDB", "ThrottledRequests", {"TableName": "posts", "Operation": "PutItem"}),
    ]


async def test_faults_of_dynamodb_name_the_item_and_those_of_s3_are_xml() -> None:
    world = World()
    world.put({"service": "dynamodb", "error": "TransactionCanceledException"}, {"service": "s3", "error": "SlowDown"})
    _, _, body = await world.faults.strike(put_item("chat")) or (0, [], b"{}")
    assert [one["Code"] for one in json.loads(body)["CancellationReasons"]] == ["TransactionConflict"]
    status, headers, body = await world.faults.strike(Request("s3", "GetObject", "/b/k")) or (0, [], b"")
    assert status == 503
    assert b"<Code>SlowDown</Code>" in body
    assert (b"content-type", b"application/xml") in headers


async def test_a_fault_with_only_a_delay_lets_the_request_continue() -> None:
    world = World()
    world.put({"service": "dynamodb", "delay_ms": 1})
    assert await world.faults.strike(put_item("posts")) is None
    assert world.faults.describe()["faults"][0]["struck"] == 1


def test_faults_expire() -> None:
    world = World()
    world.put({"service": "s3", "error": "SlowDown"}, seconds=5)
    world.now = 4.9
    assert world.faults.in_force()
    world.now = 5.0
    assert not world.faults.in_force()
    assert world.faults.describe() == {"faults": [], "secondsLeft": 0.0}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"faults": []},
        {"faults": [{}], "seconds": 1},
        {"faults": [{"service": "s3"}], "seconds": 1},
        {"faults": [{"service": "s3", "error": "SlowDown"}], "seconds": 0},
        {"faults": [{"service": "s3", "error": "SlowDown"}], "seconds": 3601},
        {"faults": [{"service": "s3", "error": "<Slow>"}], "seconds": 1},
        {"faults": [{"service": "s3", "delay_ms": -1}], "seconds": 1},
        {"faults": [{"service": "s3", "error": "SlowDown", "share": 0}], "seconds": 1},
        {"faults": [{"service": "s3", "error": "SlowDown", "until": 1}], "seconds": 1},
    ],
)
def test_an_invalid_list_of_faults_is_refused(document: Any) -> None:
    world = World()
    world.put({"service": "sqs", "error": "ThrottlingException"})
    with pytest.raises(InvalidFaults):
        world.faults.replace(document)
    assert [one.service for one in world.faults.active] == ["sqs"]


@pytest.mark.parametrize(
    ("path", "query", "headers", "expected"),
    [
        ("/", b"", [(b"x-amz-target", b"DynamoDB_20120810.PutItem")], ("dynamodb", "PutItem")),
        ("/", b"", [(b"x-amz-target", b"DynamoDBStreams_20120810.GetRecords")], ("streams.dynamodb", "GetRecords")),
        ("/", b"", [(b"x-amz-target", b"Kinesis_20131202.GetRecords")], ("kinesis", "GetRecords")),
        ("/b/k", b"", [(b"authorization", SCOPE % b"s3")], ("s3", "")),
        ("/b/k", b"X-Amz-Credential=k%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", [], ("s3", "")),
        ("/b", b"", [(b"content-type", b"multipart/form-data; boundary=x")], ("s3", "")),
        ("/2015-03-31/functions/f/invocations", b"", [], ("lambda", "Invoke")),
        ("/_health", b"", [], ("", "")),
    ],
)
def test_a_request_is_attributed_to_its_service(
    path: str, query: bytes, headers: list[tuple[bytes, bytes]], expected: tuple[str, str]
) -> None:
    assert service_of(path, query, headers) == expected


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [("GET", "/b/k", "GetObject"), ("PUT", "/b/k", "PutObject"), ("POST", "/b", "PutObject"), ("GET", "/b", "")],
)
def test_requests_for_objects_are_recognised_as_operations(method: str, path: str, operation: str) -> None:
    assert request_of("s3", "", method, path, b"").operation == operation
