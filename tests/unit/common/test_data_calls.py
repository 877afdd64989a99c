"""Calls of boto3 clients and tables that use the fast path; requests and answers are compared with botocore's."""

from __future__ import annotations

import calendar
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from services.common import data_calls
from services.common.carriers import mark_requests
from services.common.sigv4 import signed
from services.common.tracing import Cause, continued
from tests.support.sessions import new_session

HEADER = "Root=1-6b04b32c-964a663396e0d4d9a13e8113;Parent=6da5da66d4d1cb88;Sampled=1"
#: Which path served the call: the fast path (kept connections), or botocore.
Answer = tuple[int, dict[str, Any]] | OSError


class Dynamo:
    """A DynamoDB for both paths that answers as the test says; ``short`` and ``usual`` hold the request bodies."""

    host = "127.0.0.1:1"

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **config: Any) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        session = new_session()
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
        self.places: set[tuple[str, float, float]] = set()
        monkeypatch.setattr(data_calls, "connections", self._connections)
        monkeypatch.setattr(data_calls, "get_session", lambda: session._session)
        data_calls.credentials_source.cache_clear()
        made = {"region_name": "eu-north-1", "config": Config(**config)}
        self.client: Any = self._watched(boto3.client("dynamodb", **made))  # type: ignore[call-overload]
        self.table: Any = boto3.resource("dynamodb", **made).Table("asyncsns-posts")  # type: ignore[call-overload]
        self._watched(self.table.meta.client)
        self.answer: Answer = (200, {})
        self.usual_answer: tuple[int, dict[str, Any]] = (200, {})
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.short: list[tuple[str, dict[str, Any]]] = []
        self.usual: list[tuple[str, dict[str, Any]]] = []

    def _connections(self, url: str, connect_seconds: float, read_seconds: float) -> Dynamo:
        self.places.add((url, connect_seconds, read_seconds))
        return self

    def _watched(self, made: Any) -> Any:
        made.meta.events.register("before-send.dynamodb", self._usually)
        return mark_requests(data_calls.shorten(made))

    def post(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        assert path == "/"
        assert "/eu-north-1/dynamodb/aws4_request" in headers["authorization"]
        self.sent.append((headers, body))
        self.short.append((headers["x-amz-target"].removeprefix("DynamoDB_20120810."), json.loads(body)))
        if isinstance(self.answer, OSError):
            raise self.answer
        status, document = self.answer
        return status, json.dumps(document).encode()

    def _usually(self, request: Any, **_: Any) -> AWSResponse:
        self.usual.append((request.headers["X-Amz-Target"].decode().rpartition(".")[2], json.loads(request.body)))
        status, document = self.usual_answer
        answer: Any = AWSResponse(request.url, status, HTTPHeaders(), None)
        answer._content = json.dumps(document).encode()
        return answer  # type: ignore[no-any-return]


@pytest.fixture
def dynamo(monkeypatch: pytest.MonkeyPatch) -> Dynamo:
    return Dynamo(monkeypatch, retries={"mode": "standard", "total_max_attempts": 2})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Dynamo:
    return Dynamo(monkeypatch, retries={"total_max_attempts": 1})


def refused(code: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **more}


#: Table calls as repositories make them.
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_item", {"Key": {"pk": "雪", "sk": 1}, "ConsistentRead": True}),
    ("put_item", {"Item": {"pk": "P", "n": 1, "s": {"a", "b"}, "m": {"l": [True, None, "x"]}}}),
    ("put_item", {"Item": {"pk": "P"}, "ConditionExpression": Attr("pk").not_exists() & Attr("n").lt(3)}),
    ("update_item", {"Key": {"pk": "P"}, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": 2}}),
    ("delete_item", {"Key": {"pk": "P"}, "ReturnValues": "ALL_OLD"}),
    ("query", {"KeyConditionExpression": Key("pk").eq("P") & Key("sk").begins_with("a"), "Limit": 3}),
    ("scan", {"FilterExpression": Attr("n").between(1, 2)}),
]


@pytest.mark.parametrize(("method", "arguments"), CALLS, ids=[f"{name}-{at}" for at, (name, _) in enumerate(CALLS)])
def test_direct_calls_and_botocore_send_the_same_request(
    dynamo: Dynamo, method: str, arguments: dict[str, Any]
) -> None:
    """A retryable refusal is retried through botocore, so both bodies are recorded."""
    dynamo.answer = refused("ThrottlingException")
    with continued(Cause(HEADER)):
        getattr(dynamo.table, method)(**arguments)
    assert dynamo.short == dynamo.usual
    assert len(dynamo.short) == 1


def test_low_level_calls_send_the_same_with_one_token_and_one_trace(dynamo: Dynamo) -> None:
    dynamo.answer = OSError("reset")
    item = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    update = {"TableName": "asyncsns-posts", "Key": item, "UpdateExpression": "SET a = b"}
    with continued(Cause(HEADER)):
        dynamo.client.transact_write_items(
            TransactItems=[{"Put": {"TableName": "asyncsns-posts", "Item": dict(item)}}, {"Update": update}]
        )
        dynamo.client.batch_write_item(RequestItems={"asyncsns-posts": [{"PutRequest": {"Item": dict(item)}}]})
    assert dynamo.short == dynamo.usual
    (_, transaction), (_, batch) = dynamo.short
    assert transaction["ClientRequestToken"]
    assert transaction["TransactItems"][0]["Put"]["Item"]["xray"] == {"S": HEADER}
    assert transaction["TransactItems"][1]["Update"]["UpdateExpression"] == "SET #xray = :xray, a = b"
    assert batch["RequestItems"]["asyncsns-posts"][0]["PutRequest"]["Item"]["xray"] == {"S": HEADER}


def test_connections_have_the_address_and_the_timeouts_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Dynamo(monkeypatch, connect_timeout=2, read_timeout=8)
    assert made.places == {("https://dynamodb.eu-north-1.amazonaws.com", 2, 8)}


def test_a_request_is_signed_as_it_is_sent_and_short(dynamo: Dynamo) -> None:
    dynamo.table.get_item(Key={"pk": "雪"})
    ((headers, body),) = dynamo.sent
    assert body == '{"TableName":"asyncsns-posts","Key":{"pk":{"S":"雪"}}}'.encode()
    at = calendar.timegm(time.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ"))
    named = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem"}
    keys = ReadOnlyCredentials("AKIDEXAMPLE", "secret", None)
    assert headers == signed(keys, "eu-north-1", "dynamodb", dynamo.host, "/", named, body, at)


def test_handlers_after_a_call_get_the_context_of_those_before_it(dynamo: Dynamo) -> None:
    contexts: list[Any] = []
    for event in ("provide-client-params", "after-call"):
        dynamo.client.meta.events.register(f"{event}.dynamodb.GetItem", lambda context, **_: contexts.append(context))
    dynamo.client.get_item(TableName="asyncsns-posts", Key={"pk": {"S": "P"}})
    before, after = contexts
    assert isinstance(before, dict)
    assert before is after


def test_the_log_says_which_call_failed_and_why(dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(data_calls.logger, "warning", lambda message, extra: told.append((message, extra)))
    dynamo.answer = OSError("x" * 1000)
    dynamo.table.get_item(Key={"pk": "P"})
    reason = ("OSError('" + "x" * 1000)[:200]
    assert told == [("a call of DynamoDB failed, now with retries", {"operation": "GetItem", "reason": reason})]


def test_a_direct_answer_equals_the_answer_of_boto3(dynamo: Dynamo) -> None:
    attributes = {"pk": {"S": "P"}, "n": {"N": "1.5"}, "s": {"SS": ["a"]}, "m": {"M": {"l": {"L": [{"BOOL": True}]}}}}
    page = {"Items": [attributes], "Count": 1, "LastEvaluatedKey": {"pk": {"S": "P"}}}
    dynamo.answer = dynamo.usual_answer = (200, page)
    found = dynamo.table.query(KeyConditionExpression=Key("pk").eq("P"))
    assert dynamo.usual == []
    dynamo.answer = OSError("reset")
    usual = dynamo.table.query(KeyConditionExpression=Key("pk").eq("P"))
    assert found.pop("ResponseMetadata") == {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    usual.pop("ResponseMetadata")
    assert found == usual


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "TransactionCanceledException"])
def test_a_failed_condition_is_final_and_raises_the_error_of_botocore(dynamo: Dynamo, code: str) -> None:
    more = {"Item": {"pk": {"S": "P"}}, "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}]}
    dynamo.answer = refused(code, **more)
    item = {"TableName": "asyncsns-posts", "Item": {"pk": {"S": "P"}}}

    def error() -> ClientError:
        with pytest.raises(ClientError) as raised:
            dynamo.client.transact_write_items(TransactItems=[{"Put": item}])
        return raised.value

    short = error()
    assert dynamo.usual == []
    dynamo.answer, dynamo.usual_answer = OSError("reset"), refused(code, **more)
    usual = error()
    assert type(short) is type(usual) is getattr(dynamo.client.exceptions, code)
    assert str(short) == str(usual)
    assert short.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert {**short.response, "ResponseMetadata": 0} == {**usual.response, "ResponseMetadata": 0}


REFUSALS: list[Answer] = [
    refused("ThrottlingException"),
    refused("ValidationException"),
    (500, {}),
    (301, {}),
    (204, {}),
]


@pytest.mark.parametrize("answer", REFUSALS)
def test_other_refusals_are_retried_through_botocore(dynamo: Dynamo, answer: Answer) -> None:
    dynamo.answer = answer
    dynamo.usual_answer = (200, {"Item": {"pk": {"S": "P"}}})
    assert dynamo.table.get_item(Key={"pk": "P"})["Item"] == {"pk": "P"}
    assert [name for name, _ in dynamo.usual] == ["GetItem"]


def test_a_client_that_says_nothing_about_retries_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    dynamo = Dynamo(monkeypatch)
    dynamo.answer = refused("ThrottlingException")
    dynamo.table.get_item(Key={"pk": "P"})
    assert [name for name, _ in dynamo.usual] == ["GetItem"]


def test_a_client_without_retries_tries_once(impatient: Dynamo) -> None:
    for answer, error in (
        (TimeoutError(), ReadTimeoutError),
        (ConnectionRefusedError(), EndpointConnectionError),
        (refused("ThrottlingException"), ClientError),
        ((500, {}), ClientError),
    ):
        impatient.answer = answer
        with pytest.raises(error) as raised:
            impatient.table.get_item(Key={"pk": "P"})
        assert isinstance(raised.value, ClientError) or impatient.client.meta.endpoint_url in str(raised.value)
    assert impatient.usual == []
    assert len(impatient.short) == 4


def test_binary_values_are_sent_through_botocore(dynamo: Dynamo) -> None:
    dynamo.table.put_item(Item={"pk": b"bytes"})
    assert dynamo.short == []
    assert dynamo.usual[0][1]["Item"] == {"pk": {"B": "Ynl0ZXM="}}


def test_other_operations_are_sent_through_botocore(dynamo: Dynamo) -> None:
    dynamo.usual_answer = (200, {"Table": {"TableName": "posts", "CreationDateTime": 0}})
    assert dynamo.client.describe_table(TableName="posts")["Table"]["CreationDateTime"].year == 1970
    assert dynamo.short == []


def test_a_call_is_a_subsegment_that_names_its_tables(monkeypatch: pytest.MonkeyPatch, dynamo: Dynamo) -> None:
    told: list[Any] = []

    @contextmanager
    def call_of(name: str) -> Iterator[Any]:
        told.append(name)
        yield SimpleNamespace(set_aws=told.append)

    monkeypatch.setattr(data_calls, "call_of", call_of)
    dynamo.table.get_item(Key={"pk": "P"})
    dynamo.client.batch_get_item(RequestItems={"a": {"Keys": []}, "b": {"Keys": []}})
    dynamo.client.transact_get_items(TransactItems=[])
    assert told == [
        "dynamodb",
        {"operation": "GetItem", "region": "eu-north-1", "table_name": "asyncsns-posts"},
        "dynamodb",
        {"operation": "BatchGetItem", "region": "eu-north-1", "table_names": ["a", "b"]},
        "dynamodb",
        {"operation": "TransactGetItems", "region": "eu-north-1"},
    ]
