"""The offer is sent with the ringing, the answer with the acceptance: neither needs a separate signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from services.calls import handler as functions
from services.calls.commands import CallCommands
from services.calls.model import Call, DevicePage
from services.calls.repository import CallRepository
from services.calls.settings import CallSettings
from services.calls.states import CallAction, CallState
from services.common import wire
from services.common.errors import Forbidden, TooLarge
from services.common.people import Directory
from services.realtime.public import TransportDown
from tests.support.aws import Aws
from tests.support.directory import FakePeople
from tests.support.lambdas import Context, call_http, new_user, socket_event
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")
OFFER = {"type": "offer", "sdp": "v=0\r\n"}
ANSWER = {"epoch": 1, "description": {"type": "answer", "sdp": "v=0\r\n"}}
ANN_PAGE, BOB_PAGE = DevicePage("ann-1", "page-of-ann"), DevicePage("bob-1", "page-of-bob")


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def commands(transport: FakeTransport) -> CallCommands:
    return CallCommands(CallRepository("calls"), lambda: transport, FakePeople(), FakePeople())


def ring(commands: CallCommands, offer: Any = OFFER) -> Call:
    return commands.start(new_user(), new_user(), "video", ANN_PAGE, offer)


def accept(commands: CallCommands, call: Call, answer: Mapping[str, Any] | None = ANSWER) -> Call:
    return commands.act(call.callee_id, call.id, CallAction.ACCEPT, BOB_PAGE, answer)


def kinds(transport: FakeTransport) -> list[str]:
    return [one.frame["type"] for one in transport.deliveries]


def test_the_callee_gets_the_offer_and_the_caller_in_one_frame(
    commands: CallCommands, transport: FakeTransport
) -> None:
    call = ring(commands)
    (ringing,) = transport.deliveries
    assert ringing.users == [call.callee_id]
    assert ringing.frame["data"]["offer"] == OFFER
    assert ringing.frame["data"]["caller"]["id"] == call.caller_id


def test_the_answer_comes_before_the_acceptance_and_connects(commands: CallCommands, transport: FakeTransport) -> None:
    call = ring(commands)
    answered = accept(commands, call)
    _, signal, accepted = transport.deliveries
    assert (signal.users, signal.only) == ([call.caller_id], "ann-1")
    assert signal.frame["data"] == {"callId": call.id, "from": call.callee_id, **ANSWER}
    assert (accepted.frame["type"], accepted.frame["data"]["call"]["state"]) == ("call.accepted", "accepted")
    stored = CallRepository("calls").get(call.id)
    assert answered.state is CallState.CONNECTED
    assert stored == answered


@pytest.mark.parametrize("why", ["another epoch", "no device of the caller", "no device of the callee", "no answer"])
def test_without_an_answer_to_relay_the_caller_is_asked_for_a_new_offer(
    commands: CallCommands, transport: FakeTransport, why: str
) -> None:
    call = ring(commands)
    page, answer = BOB_PAGE, {**ANSWER}
    if why == "another epoch":
        commands.here(call.caller_id, call.id, DevicePage("ann-2", "next-page"), take_over=True)
    elif why == "no device of the caller":
        commands.leave(call.caller_id, call.id, ANN_PAGE)
    elif why == "no device of the callee":
        page = DevicePage(session="page-of-bob")
    given = None if why == "no answer" else answer
    answered = commands.act(call.callee_id, call.id, CallAction.ACCEPT, page, given)
    assert answered.state is CallState.ACCEPTED
    assert kinds(transport) == ["call.ringing", "call.accepted"]


def test_a_transport_outage_does_not_prevent_acceptance(commands: CallCommands, transport: FakeTransport) -> None:
    call = ring(commands)
    transport.down = True
    assert accept(commands, call).state is CallState.ACCEPTED
    with pytest.raises(TransportDown):
        commands.signal(call.callee_id, call.id, BOB_PAGE, 1, {"description": ANSWER["description"]})


def test_only_the_device_that_wins_answers(commands: CallCommands, transport: FakeTransport) -> None:
    call = ring(commands)
    accept(commands, call)
    with pytest.raises(Exception, match="another device"):
        commands.act(call.callee_id, call.id, CallAction.ACCEPT, DevicePage("bob-2", "desk-of-bob"), ANSWER)
    assert kinds(transport).count("call.signal") == 1


def test_a_block_prevents_answering(commands: CallCommands, transport: FakeTransport) -> None:
    call = ring(commands)
    commands.people = FakePeople(blocks={frozenset(call.parties)})
    with pytest.raises(Forbidden):
        accept(commands, call)
    assert kinds(transport) == ["call.ringing"]


def test_an_offer_is_not_sent_when_no_new_call_begins(commands: CallCommands, transport: FakeTransport) -> None:
    call = ring(commands)
    busy = commands.start(new_user(), call.callee_id, "audio", DevicePage("cid-1"), OFFER)
    same = commands.start(call.callee_id, call.caller_id, "audio", BOB_PAGE, OFFER)
    assert (busy.state, same.id, same.state) == (CallState.BUSY, call.id, CallState.ACCEPTED)
    assert [one.frame["data"].get("offer") for one in transport.deliveries] == [OFFER, None]


def test_a_description_above_the_size_limit_is_refused(commands: CallCommands) -> None:
    huge = "x" * 31_000
    with pytest.raises(TooLarge):
        ring(commands, {"type": "offer", "sdp": huge})
    call = ring(commands)
    with pytest.raises(TooLarge):
        accept(commands, call, {"epoch": 1, "description": {"type": "answer", "sdp": huge}})


def test_socket_calls_check_the_type_of_a_description(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    transport, ann, bob = FakeTransport(), new_user(), new_user()
    commands = CallCommands(CallRepository("calls"), lambda: transport, FakePeople(), FakePeople())
    monkeypatch.setattr(functions, "transport", lambda: transport)
    monkeypatch.setattr(functions, "build_commands", lambda settings: commands)
    handler = functions.handler.compose(CallSettings.read())

    def send(user: str, action: str, data: dict[str, Any]) -> dict[str, Any]:
        body = {"action": action, "id": "1", "data": data}
        handler(socket_event("MESSAGE", user=user, device=f"{user}-1", body=body), Context())
        return dict(transport.replies[-1][1])

    start = {"calleeId": bob, "media": "audio"}
    assert send(ann, "call.start", {**start, "description": ANSWER["description"]})["error"]["status"] == 400
    call = {"callId": send(ann, "call.start", {**start, "description": OFFER})["data"]["call"]["id"]}
    assert send(bob, "call.accept", {**call, "description": OFFER})["error"]["status"] == 400
    assert send(bob, "call.accept", {**call, **ANSWER})["data"]["call"]["state"] == "connected"
    assert transport.of("call.ringing")[0].frame["data"]["offer"] == OFFER
    # A call over HTTP has no device that could receive the answer
    refused = call_http(handler, "POST", "/v1/calls", user=new_user(), body={**start, "description": OFFER})
    assert refused.status == 400


def test_a_call_begins_with_three_reads(transport: FakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reads are sequential round trips to DynamoDB: profiles, presence, then the state that the call changes."""
    read, asked = wire.read, []

    def counted(operation: wire.Operation, request: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(operation)
        return read(operation, request)

    commands = CallCommands(CallRepository("calls"), lambda: transport, FakePeople(), FakePeople())
    call = ring(commands)
    commands.act(call.caller_id, call.id, CallAction.HANGUP)
    monkeypatch.setattr("services.common.wire.read", counted)
    Directory("profiles").meet(call.caller_id, call.callee_id)
    again = commands.start(call.caller_id, call.callee_id, "audio", ANN_PAGE, OFFER)
    assert (again.state, asked) == (CallState.RINGING, ["BatchGetItem"] * 3)
