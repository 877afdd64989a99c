"""Calls through the public functions, invoked as the two gateways invoke them."""

from __future__ import annotations

from typing import Any

from services.calls import handler as functions
from services.calls.repository import CallRepository
from tests.support.lambdas import Answer, Context, call_http, socket_event
from tests.support.transport import FakeTransport

NOBODY = "00000000-0000-4000-8000-000000000000"
OFFER = {"description": {"type": "offer", "sdp": "v=0"}}
ANSWER = {"description": {"type": "answer", "sdp": "v=0"}}


def http(path: str, user: str | None, body: Any = None) -> Answer:
    return call_http(functions.handler, "POST", f"/v1/calls{path}", user=user, body=body)


def ring(caller: str, callee: str) -> str:
    answer = http("", caller, {"calleeId": callee, "media": "video"})
    assert (answer.status, answer.body["state"]) == (201, "ringing"), answer
    return str(answer.body["id"])


def act(transport: FakeTransport, user: str, action: str, data: Any, device: str = "d") -> dict[str, Any]:
    event = socket_event("MESSAGE", user=user, device=device, body={"action": action, "id": "1", "data": data})
    functions.handler(event, Context())
    assert transport.replies[-1][0] == device
    return dict(transport.replies[-1][1])


def state(call_id: str) -> str:
    call = CallRepository("calls").get(call_id)
    assert call is not None
    return str(call.state)


def problem(answer: dict[str, Any]) -> str:
    return str(answer["error"]["type"])


def talking(transport: FakeTransport, ann: str, bob: str) -> dict[str, str]:
    """A call between two pages with one connection each; ``{"callId"}``."""
    data = {"calleeId": bob, "media": "audio", "session": "page-of-ann"}
    call = {"callId": act(transport, ann, "call.start", data, "ann-1")["data"]["call"]["id"]}
    act(transport, bob, "call.accept", call | {"session": "page-of-bob"}, "bob-1")
    return call
