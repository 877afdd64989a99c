"""Reads on the fast path: the signed request, and when the code falls back to the boto3 client."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from services.common import data_calls, wire

GOOD = {"Items": [{"pk": {"S": "雪"}}], "Count": 1}
USUAL = {"Items": [], "Count": 0}


class Usual:
    """The boto3 client; ``asked`` lists the operations that it received."""

    meta = SimpleNamespace(endpoint_url="http://127.0.0.1:1", region_name="eu-north-1")

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def query(self, **request: Any) -> dict[str, Any]:
        self.asked.append(("query", request))
        return USUAL

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        self.asked.append(("batch_get_item", request))
        return USUAL


class Short:
    """Kept connections that answer with ``status`` and ``content``, or fail."""

    host = "127.0.0.1:1"

    def __init__(self, status: int = 200, content: bytes = b"", error: Exception | None = None) -> None:
        self.status, self.content, self.error = status, content, error
        self.sent: list[tuple[str, dict[str, str], bytes]] = []

    def post(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        self.sent.append((path, headers, body))
        if self.error:
            raise self.error
        return self.status, self.content


class Span:
    def __init__(self) -> None:
        self.described: list[dict[str, Any]] = []

    def set_aws(self, told: dict[str, Any]) -> None:
        self.described.append(told)


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch) -> Usual:
    made = Usual()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(wire, "client", lambda service: made if service == "dynamodb" else None)
    data_calls.credentials_source.cache_clear()
    return made


def short(monkeypatch: pytest.MonkeyPatch, *answer: Any, **error: Any) -> Short:
    made = Short(*answer, **error)
    monkeypatch.setattr(wire, "_connections", lambda url: made if url == Usual.meta.endpoint_url else None)
    return made


def test_a_plain_answer_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, usual: Usual) -> None:
    connections = short(monkeypatch, 200, json.dumps(GOOD).encode())
    request = {"TableName": "posts", "ExpressionAttributeValues": {":p": {"S": "雪"}}}
    assert wire.read("Query", request) == GOOD
    assert usual.asked == []
    ((path, headers, body),) = connections.sent
    assert path == "/"
    assert body == '{"TableName":"posts","ExpressionAttributeValues":{":p":{"S":"雪"}}}'.encode()
    assert headers["x-amz-target"] == "DynamoDB_20120810.Query"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert "/eu-north-1/dynamodb/aws4_request" in headers["authorization"]


@pytest.mark.parametrize("status", [100, 201, 204, 301, 400, 403, 429, 500, 503])
@pytest.mark.parametrize(("operation", "method"), [("Query", "query"), ("BatchGetItem", "batch_get_item")])
def test_a_status_other_than_200_falls_back_to_boto3(
    monkeypatch: pytest.MonkeyPatch, usual: Usual, status: int, operation: Any, method: str
) -> None:
    """Even when the body looks like a valid answer."""
    short(monkeypatch, status, json.dumps(GOOD).encode())
    request = {"TableName": "posts", "RequestItems": {"posts": {}}}
    assert wire.read(operation, request) == USUAL
    assert usual.asked == [(method, request)]


@pytest.mark.parametrize(
    "error",
    [ConnectionResetError(), TimeoutError(), EndpointConnectionError(endpoint_url="x"), NoCredentialsError()],
    ids=lambda one: type(one).__name__,
)
def test_a_failed_connection_falls_back_to_boto3_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, usual: Usual, error: Exception
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(wire.logger, "warning", lambda message, extra: told.append((message, extra)))
    short(monkeypatch, error=error)
    assert wire.read("Query", {"TableName": "posts"}) == USUAL
    ((message, extra),) = told
    assert message == "a read failed, now with retries"
    assert extra == {"operation": "Query", "reason": repr(error)[:200]}


def test_a_request_to_the_root_of_dynamodb_in_its_region_is_signed(
    monkeypatch: pytest.MonkeyPatch, usual: Usual
) -> None:
    signed, told = wire.signed, []

    def noted(*arguments: Any) -> dict[str, str]:
        told.append(arguments[1:5])
        return signed(*arguments)

    monkeypatch.setattr(wire, "signed", noted)
    short(monkeypatch, 200, b"{}")
    wire.read("Query", {"TableName": "posts"})
    assert told == [("eu-north-1", "dynamodb", Short.host, "/")]


def test_a_post_carries_the_headers_that_it_is_given(usual: Usual) -> None:
    sent: list[Any] = []
    pool: Any = SimpleNamespace(send=sent.append)
    wire.post(pool, usual, "execute-api", "https://api/x", b"body", {"content-type": "text/plain"})
    (request,) = sent
    assert (request.method, request.url, request.body) == ("POST", "https://api/x", b"body")
    assert request.headers["content-type"] == "text/plain"
    assert "/eu-north-1/execute-api/aws4_request" in request.headers["Authorization"]


def test_a_long_reason_is_cut_in_the_log(monkeypatch: pytest.MonkeyPatch, usual: Usual) -> None:
    told: list[Any] = []
    monkeypatch.setattr(wire.logger, "warning", lambda message, extra: told.append(extra["reason"]))
    short(monkeypatch, error=OSError("x" * 900))
    wire.read("Query", {"TableName": "posts"})
    assert [len(one) for one in told] == [200]


def test_a_read_waits_two_seconds_for_a_connection_and_eight_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(wire, "connections", lambda url, **seconds: told.append((url, seconds)))
    wire._connections("https://dynamodb")
    assert told == [("https://dynamodb", {"connect_seconds": 2, "read_seconds": 8})]


def test_a_connection_pool_has_the_given_size_and_sends_without_delay() -> None:
    pool = wire.session(1, 2, 7)
    assert pool._max_pool_connections == 7
    assert (pool._timeout.connect_timeout, pool._timeout.read_timeout) == (1, 2)
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in pool._socket_options


def test_internal_errors_are_not_hidden(monkeypatch: pytest.MonkeyPatch, usual: Usual) -> None:
    short(monkeypatch, error=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        wire.read("Query", {"TableName": "posts"})


def test_missing_credentials_are_left_to_boto3(monkeypatch: pytest.MonkeyPatch, usual: Usual) -> None:
    connections = short(monkeypatch, 200, b"{}")
    monkeypatch.setattr(data_calls, "credentials_source", lambda: SimpleNamespace(get_credentials=lambda: None))
    assert wire.read("Query", {"TableName": "posts"}) == USUAL
    assert connections.sent == []


@pytest.mark.parametrize(
    ("operation", "request_", "told"),
    [
        ("Query", {"TableName": "posts"}, {"table_names": ["posts"]}),
        ("Query", {"TableName": "posts", "IndexName": "gsi1"}, {"table_names": ["posts"], "index_name": "gsi1"}),
        ("BatchGetItem", {"RequestItems": {"a": {}, "b": {}}}, {"table_names": ["a", "b"]}),
    ],
)
def test_a_read_is_a_subsegment_that_names_its_tables(
    monkeypatch: pytest.MonkeyPatch, usual: Usual, operation: Any, request_: Any, told: Any
) -> None:
    span, names = Span(), []

    @contextmanager
    def call_of(name: str) -> Iterator[Span]:
        names.append(name)
        yield span

    monkeypatch.setattr(wire, "call_of", call_of)
    short(monkeypatch, 200, b"{}")
    wire.read(operation, request_)
    assert names == ["dynamodb"], "another name than that of botocore's calls"
    assert span.described == [{"operation": operation, **told}]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ({"S": ""}, ""),
        ({"N": "-12"}, -12),
        ({"N": "-9007199254740993"}, -9007199254740993),
        ({"N": "1.5"}, 1.5),
        ({"N": "-0.5"}, -0.5),
        ({"N": "1E+3"}, 1000),
        ({"BOOL": False}, False),
        ({"NULL": True}, None),
        ({"B": "AA=="}, "AA=="),
        ({"L": [{"N": "1"}, {"S": "1"}]}, [1, "1"]),
        ({"M": {"a": {"L": []}, "b": {"M": {}}}}, {"a": [], "b": {}}),
        ({"SS": ["b", "a"]}, ["a", "b"]),
        ({"BS": ["b", "a"]}, ["a", "b"]),
        ({"NS": ["10", "9", "1.5"]}, [1.5, 9, 10]),
    ],
)
def test_attributes_become_plain_values(attribute: Any, value: Any) -> None:
    found = wire.value_of(attribute)
    assert found == value
    assert type(found) is type(value)


@given(st.integers(-(10**37), 10**37))
def test_whole_numbers_are_exact(number: int) -> None:
    assert wire.value_of({"N": str(number)}) == number
