"""Calls through the public functions, invoked as the two gateways invoke them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from services.calls import handler as functions
from services.calls.commands import CallCommands
from services.calls.repository import CallRepository
from services.calls.settings import CallSettings
from services.common.clock import now
from services.common.entry import Handler
from services.realtime.public import Transport
from tests.support.directory import FakePeople
from tests.support.lambdas import Answer, Context, call_http, socket_event
from tests.support.transport import FakeTransport

NOBODY = "00000000-0000-4000-8000-000000000000"
OFFER = {"description": {"type": "offer", "sdp": "v=0"}}
ANSWER = {"description": {"type": "answer", "sdp": "v=0"}}

#: The entry point itself: tests replace the name in its module.
_CALLS = functions.handler


def install(emulator: str, people: FakePeople, transport: Transport, patch: pytest.MonkeyPatch) -> None:
    """The functions of calls take this directory and this transport until the test ends."""
    commands, handler = _composed(emulator)
    commands.transport, commands.people, commands.reach, commands.clock = lambda: transport, people, FakePeople(), now
    patch.setattr(functions, "transport", lambda: transport)
    patch.setattr(functions, "commands", commands, raising=False)
    patch.setattr(functions, "build_commands", lambda settings: commands)
    patch.setattr(functions, "handler", handler)


@cache
def _composed(_emulator: str) -> tuple[CallCommands, Handler]:
    """Made once for an emulator: to make the application takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        commands = CallCommands(CallRepository("calls"), _no_transport, FakePeople(), FakePeople())
        patch.setattr(functions, "build_commands", lambda settings: commands)
        return commands, _CALLS.compose(CallSettings.read())


def _no_transport() -> Transport:
    raise LookupError("a test installs its own transport")


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
