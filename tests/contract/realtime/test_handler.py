"""The functions of real time, invoked as API Gateway and Kinesis invoke them."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from services.realtime import handler as functions
from services.realtime.factory import transport as shared_transport
from services.realtime.repository import ConnectionTable
from tests.support.aws import Aws
from tests.support.lambdas import Context, call_http, new_user, socket_event
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    fake = FakeTransport()
    monkeypatch.setattr(functions, "transport", lambda: fake)
    return fake


def authorize(ticket: object) -> dict[str, Any]:
    query = {"ticket": ticket} if ticket is not None else None
    answer: dict[str, Any] = functions.authorizer(
        {"type": "REQUEST", "methodArn": "arn:aws:execute-api:x", "queryStringParameters": query}, Context()
    )
    return answer


def effect(answer: dict[str, Any]) -> str:
    return str(answer["policyDocument"]["Statement"][0]["Effect"])


def test_a_ticket_admits_its_owner_once() -> None:
    user = new_user()
    made = call_http(functions.handler, "POST", "/v1/realtime/tickets", user=user, body={})
    assert made.status == 201
    assert set(made.body) == {"ticket", "expiresAt"}
    first = authorize(made.body["ticket"])
    assert effect(first) == "Allow"
    assert first["context"] == {"userId": user}
    assert effect(authorize(made.body["ticket"])) == "Deny"


@pytest.mark.parametrize("ticket", [None, "", "nonsense", "x" * 5000, "é" * 10])
def test_a_connection_without_a_valid_ticket_is_refused(ticket: object) -> None:
    answer = authorize(ticket)
    assert effect(answer) == "Deny"
    assert "context" not in answer


def test_a_ticket_needs_a_signed_in_caller_and_a_good_body() -> None:
    assert call_http(functions.handler, "POST", "/v1/realtime/tickets", user=None, body={}).status == 403
    bad = call_http(functions.handler, "POST", "/v1/realtime/tickets", user=new_user(), body={"a": 1})
    assert (bad.status, bad.body["errors"][0]["field"]) == (400, "a")
    assert call_http(functions.handler, "POST", "/v1/realtime/tickets", user=new_user(), body="{").status == 400


def test_connect_registers_a_device_and_disconnect_removes_it() -> None:
    user, device = new_user(), str(uuid4())
    assert functions.handler(socket_event("CONNECT", user=user, device=device), Context())["statusCode"] == 200
    assert shared_transport().present(user)
    functions.handler(socket_event("DISCONNECT", user=user, device=device), Context())
    assert not shared_transport().present(user)
    functions.handler(socket_event("CONNECT", user=user, device=device), Context())
    functions.handler(socket_event("DISCONNECT", user=None, device=device), Context())
    assert ConnectionTable("realtime").of_users([user]) == {user: []}


def test_a_closed_connection_is_published_as_a_domain_event(fresh: Aws) -> None:
    user, device = new_user(), str(uuid4())
    functions.handler(socket_event("CONNECT", user=user, device=device), Context())
    functions.handler(socket_event("DISCONNECT", user=user, device=device), Context())
    (event,) = fresh.published(lambda event: event["actor"] == user, 1)
    assert (event["type"], event["data"]) == ("device.left", {"userId": user, "device": device})


def test_connect_without_identity_is_refused() -> None:
    answer = functions.handler(socket_event("CONNECT", user=None, device="d"), Context())
    assert answer["statusCode"] == 403


def test_a_ping_is_answered_and_asks_a_forgotten_device_to_resume(transport: FakeTransport) -> None:
    for number in ("1", "2"):
        body = {"action": "ping", "id": number, "data": {}}
        functions.handler(socket_event("MESSAGE", user="u", device="d", body=body), Context())
    assert transport.replies == [
        ("d", {"type": "pong", "id": "1", "data": {"resume": True}}),
        ("d", {"type": "pong", "id": "2", "data": {}}),
    ]


@pytest.mark.parametrize(
    "body",
    ["", "no json", "[]", "1", '{"action":1,"id":"x"}', {"action": "ping"}, {"action": "chat.fly", "id": "1"},
     {"action": "ping", "id": "1", "data": {"a": 1}}, {"action": "ping", "id": "1", "data": []},
     {"action": "ping", "id": "x" * 65}, "[" * 20_000],
)  # fmt: skip
def test_an_invalid_frame_is_answered_with_a_problem(transport: FakeTransport, body: Any) -> None:
    functions.handler(socket_event("MESSAGE", user="u", device="d", body=body), Context())
    ((device, frame),) = transport.replies
    assert device == "d"
    assert frame["type"] == "error"
    assert frame["error"]["status"] == 400
    assert frame["error"]["errors"][0]["expected"]


def record(number: int, document: Any) -> dict[str, Any]:
    text = document if isinstance(document, str) else json.dumps(document)
    return {"kinesis": {"sequenceNumber": str(number), "data": base64.b64encode(text.encode()).decode()}}


def test_fan_out_delivers_valid_records_and_reports_invalid_ones(transport: FakeTransport) -> None:
    good = {"users": ["a", "b"], "frame": {"type": "t"}}
    large = {"users": ["a"], "frame": {"type": "x" * 40_000}}
    records = [record(1, good), record(2, "{"), record(3, {"users": "a", "frame": {}}), record(4, large)]
    answer = functions.fanout({"Records": [*records, record(5, good)]}, Context())
    assert [entry["itemIdentifier"] for entry in answer["batchItemFailures"]] == ["2", "3", "4"]
    assert [delivery.users for delivery in transport.deliveries] == [("a", "b"), ("a", "b")]


def test_a_sign_out_on_the_stream_ends_all_connections_of_one_user(transport: FakeTransport) -> None:
    user, other = new_user(), new_user()
    for one in (user, user, other):
        transport.open(one, str(uuid4()))
    records = [{"data": json.dumps({"end": user}), "partitionKey": user}]
    event = {
        "Records": [{"kinesis": {**one, "data": base64.b64encode(one["data"].encode()).decode()}} for one in records]
    }
    functions.fanout(event, Context())
    assert (transport.present(user), transport.present(other)) == (False, True)
