"""Calls end without anybody ending them: a party is gone for 20 seconds, or one of the two blocks the other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.calls import endings, events, model
from services.calls import handler as functions
from services.calls.commands import CallCommands
from services.calls.model import Call, CallAction, CallRole, CallState, EndReason
from services.calls.repository import CallRepository
from services.calls.settings import CallSettings
from services.common.clock import now, now_text, to_text
from services.common.events import DeviceLeft, UserBlocked
from tests.support.aws import Aws
from tests.support.directory import FakePeople
from tests.support.lambdas import Context, call_http, new_user, socket_event
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")
OFFER = {"description": {"type": "offer", "sdp": "v=0"}}
ANSWER = {"description": {"type": "answer", "sdp": "v=0"}}


@pytest.fixture(autouse=True)
def transport(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    fake = FakeTransport()
    monkeypatch.setattr(functions, "transport", lambda: fake)
    commands = CallCommands(CallRepository("calls"), lambda: fake, FakePeople())
    monkeypatch.setattr(functions, "commands", commands, raising=False)
    monkeypatch.setattr(functions, "build_commands", lambda settings: commands)
    monkeypatch.setattr(functions, "handler", functions.handler.compose(CallSettings.read()))
    return fake


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], int]]:
    """What was sent to be looked at later, with its delay in seconds, in place of the queue."""
    sent: list[tuple[dict[str, Any], int]] = []
    monkeypatch.setattr("services.calls.timer.send", lambda _, message, delay: sent.append((message, delay)))
    return sent


class Pair:
    """Ann calls Bob, each by one open device, and Bob has accepted."""

    def __init__(self, transport: FakeTransport, *, accepted: bool = True) -> None:
        self.ann, self.bob = new_user(), new_user()
        transport.open(self.ann, "ann-1")
        transport.open(self.bob, "bob-1")
        self.id = functions.commands.start(self.ann, self.bob, "audio", "ann-1").id
        if accepted:
            functions.commands.act(self.bob, self.id, CallAction.ACCEPT, "bob-1")

    @property
    def call(self) -> Call:
        call = CallRepository("calls").get(self.id)
        assert call is not None
        return call


def left(user: str, device: str, at: str | None = None) -> None:
    """What real time tells of a device that is gone."""
    told = DeviceLeft(cause=device, actor=user, at=at or now_text(), user_id=user, device=device)
    deliver(functions.listener, told.to_json())


def deliver(function: Any, *bodies: str) -> None:
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    assert function({"Records": records}, Context()) == {"batchItemFailures": []}


def run_out(timers: list[tuple[dict[str, Any], int]]) -> None:
    """The time of every check has come, and each message comes twice, as SQS may hand it over."""
    bodies = [json.dumps(message) for message, _ in timers for _ in range(2)]
    deliver(functions.timeout, *bodies)


@pytest.mark.parametrize(
    ("who", "device", "reason"), [("ann", "ann-1", "caller_left"), ("bob", "bob-1", "callee_left")]
)
def test_a_party_that_stays_away_ends_the_call(
    transport: FakeTransport, timers: list[Any], who: str, device: str, reason: str
) -> None:
    pair = Pair(transport)
    transport.close(device)
    left(getattr(pair, who), device)
    assert pair.call.state is CallState.ACCEPTED
    (message, delay), *_ = timers
    assert (message, delay) == ({"callId": pair.id, "userId": getattr(pair, who), "device": device}, 20)
    run_out(timers)
    assert (pair.call.state, pair.call.reason) == (CallState.ENDED, reason)
    cid = new_user()
    assert functions.commands.start(cid, pair.ann, "audio").state is CallState.RINGING


def test_a_page_that_has_a_new_connection_stays_in_the_call(transport: FakeTransport, timers: list[Any]) -> None:
    pair = Pair(transport)
    transport.close("ann-1")
    left(pair.ann, "ann-1")
    transport.open(pair.ann, "ann-2")
    assert functions.commands.here(pair.ann, pair.id, "ann-2").state is CallState.ACCEPTED
    run_out(timers)
    assert (pair.call.state, pair.call.caller_device) == (CallState.ACCEPTED, "ann-2")


def test_a_device_that_was_forgotten_and_is_there_after_all_stays(transport: FakeTransport, timers: list[Any]) -> None:
    pair = Pair(transport)
    transport.close("bob-1")
    left(pair.bob, "bob-1")
    assert transport.seen(pair.bob, "bob-1")
    run_out(timers)
    assert pair.call.state is CallState.ACCEPTED


def test_the_time_of_the_last_connection_counts_not_of_the_first(transport: FakeTransport, timers: list[Any]) -> None:
    pair = Pair(transport)
    transport.close("ann-1")
    left(pair.ann, "ann-1")
    transport.open(pair.ann, "ann-2")
    functions.commands.here(pair.ann, pair.id, "ann-2")
    transport.close("ann-2")
    run_out(timers)
    assert pair.call.state is CallState.ACCEPTED


@pytest.mark.parametrize("device", ["ann-tablet", "bob-tablet"])
def test_devices_that_take_no_part_may_go(transport: FakeTransport, timers: list[Any], device: str) -> None:
    pair = Pair(transport)
    left(pair.ann if device.startswith("ann") else pair.bob, device)
    left(new_user(), "somebody-else")
    assert timers == []


def test_a_caller_who_vanishes_while_it_rings_cancels(transport: FakeTransport, timers: list[Any]) -> None:
    pair = Pair(transport, accepted=False)
    transport.close("ann-1")
    left(pair.ann, "ann-1")
    left(pair.bob, "bob-1")
    run_out(timers)
    assert (pair.call.state, pair.call.reason) == (CallState.CANCELLED, EndReason.CALLER_LEFT)


def test_a_page_that_goes_away_ends_its_call_at_once(transport: FakeTransport) -> None:
    pair = Pair(transport)
    answer = call_http(functions.handler, "POST", f"/v1/calls/{pair.id}/leave", user=pair.bob)
    assert (answer.status, answer.body["state"], answer.body["reason"]) == (200, "ended", "callee_left")
    assert call_http(functions.handler, "POST", f"/v1/calls/{pair.id}/leave", user=pair.ann).body == answer.body
    ringing = Pair(transport, accepted=False)
    assert call_http(functions.handler, "POST", f"/v1/calls/{ringing.id}/leave", user=ringing.bob).status == 409
    gone = call_http(functions.handler, "POST", f"/v1/calls/{ringing.id}/leave", user=ringing.ann)
    assert (gone.body["state"], gone.body["reason"]) == ("cancelled", "caller_left")


def test_a_page_that_goes_away_may_say_so_by_its_connection_and_over_http(transport: FakeTransport) -> None:
    def leave(user: str, device: str, call_id: str) -> dict[str, Any]:
        body = {"action": "call.hangup", "id": "1", "data": {"callId": call_id, "leaving": True}}
        functions.handler(socket_event("MESSAGE", user=user, device=device, body=body), Context())
        return dict(transport.replies[-1][1]["data"]["call"])

    pair = Pair(transport)
    answer = leave(pair.bob, "bob-1", pair.id)
    assert (answer["state"], answer["reason"]) == ("ended", "callee_left")
    again = call_http(functions.handler, "POST", f"/v1/calls/{pair.id}/leave", user=pair.bob)
    assert (again.status, again.body) == (200, answer)
    ringing = Pair(transport, accepted=False)
    gone = leave(ringing.ann, "ann-1", ringing.id)
    assert (gone["state"], gone["reason"]) == ("cancelled", "caller_left")


def test_the_time_to_come_back_begins_when_the_device_was_gone() -> None:
    moment = now()
    gone_at = to_text(moment)
    waits = [model.grace_left(gone_at, moment + timedelta(seconds=late)).total_seconds() for late in (0, 5, 20, 300)]
    assert waits == pytest.approx([20, 15, 0, 0], abs=0.01)


def test_late_news_of_a_device_is_checked_at_once(transport: FakeTransport, timers: list[Any]) -> None:
    pair = Pair(transport)
    left(pair.ann, "ann-1", at=to_text(now() - timedelta(minutes=2)))
    assert [delay for _, delay in timers] == [0]


def change(before: Call | None, after: Call, transport: FakeTransport) -> list[str]:
    return endings.absent_parties(after, before, transport)


def test_a_party_without_an_open_device_is_looked_at_again(transport: FakeTransport) -> None:
    ringing = Call("01J00000000000000000000000", "ann", "bob", "audio", CallState.RINGING, "2026-01-01T00:00:00.000Z")
    accepted = ringing.moved(CallState.ACCEPTED, "")
    # Over HTTP nobody has a device yet: a caller may ring as long as it rings, parties to a talk must come.
    assert change(None, ringing, transport) == []
    assert change(ringing, accepted, transport) == ["ann", "bob"]
    # A device that had closed before the call knew of it.
    by_socket = replace(accepted, caller_device="a", callee_device="b")
    transport.open("bob", "b")
    assert change(ringing.with_device("ann", "a"), by_socket, transport) == ["ann"]
    assert change(None, ringing.with_device("ann", "a"), transport) == ["ann"]
    assert change(by_socket, by_socket.with_device("bob", "c"), transport) == ["bob"]
    assert change(by_socket, by_socket.moved(CallState.CONNECTED, ""), transport) == []
    assert change(by_socket, by_socket.moved(CallState.ENDED, ""), transport) == []


def test_the_projector_starts_the_check(fresh: Aws, transport: FakeTransport, timers: list[Any]) -> None:
    pair = Pair(transport)
    transport.close("bob-1")
    records = [one for one in fresh.changes("calls") if one["dynamodb"]["Keys"]["pk"]["S"] == f"CALL#{pair.id}"]
    functions.projector({"Records": records}, Context())
    assert timers == [
        ({"callId": pair.id}, 30),
        ({"callId": pair.id, "userId": pair.bob, "device": "bob-1"}, 20),
    ]


def test_coming_back_while_the_answer_is_relayed_loses_neither(
    transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(transport)
    seen = pair.call
    functions.commands.here(pair.ann, pair.id, "ann-2")
    assert not CallRepository("calls").move(seen, seen.moved(CallState.CONNECTED, ""))
    functions.commands.signal(pair.bob, pair.id, ANSWER)
    assert (pair.call.state, pair.call.caller_device) == (CallState.CONNECTED, "ann-2")


def test_nobody_is_here_who_takes_no_part(transport: FakeTransport) -> None:
    ringing = Pair(transport, accepted=False)
    with pytest.raises(model.Conflict):
        functions.commands.here(ringing.bob, ringing.id, "bob-1")
    with pytest.raises(model.NotFound):
        functions.commands.here(new_user(), ringing.id, "eve-1")
    functions.commands.act(ringing.ann, ringing.id, CallAction.HANGUP)
    with pytest.raises(model.Conflict):
        functions.commands.here(ringing.ann, ringing.id, "ann-1")


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_block_ends_the_call_without_a_word_of_who(transport: FakeTransport, accepted: bool, who: str) -> None:
    pair = Pair(transport, accepted=accepted)
    blocker, blocked = (pair.ann, pair.bob) if who == "ann" else (pair.bob, pair.ann)
    told = UserBlocked(cause=pair.id, actor=blocker, blocker_id=blocker, blocked_id=blocked).to_json()
    before = pair.call.state
    deliver(functions.listener, told, told)
    assert (pair.call.state, pair.call.reason) == (CallState.ENDED, None)
    effects = events.of_change(before, pair.call)
    (frame,) = effects.frames
    assert (frame.users, frame.frame["data"]["call"]["reason"]) == ([pair.ann, pair.bob], None)
    assert effects.domain_events == []


def test_a_block_of_others_ends_no_call(transport: FakeTransport) -> None:
    pair = Pair(transport)
    told = UserBlocked(cause=pair.id, actor=pair.ann, blocker_id=pair.ann, blocked_id=new_user())
    deliver(functions.listener, told.to_json())
    assert pair.call.state is CallState.ACCEPTED


def test_across_a_block_nobody_accepts_or_negotiates(transport: FakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    ringing, talking = Pair(transport, accepted=False), Pair(transport)
    blocks = {frozenset((pair.ann, pair.bob)) for pair in (ringing, talking)}
    monkeypatch.setattr(functions.commands, "people", FakePeople(blocks=blocks))
    with pytest.raises(model.Forbidden):
        functions.commands.act(ringing.bob, ringing.id, CallAction.ACCEPT, "bob-1")
    for user in (talking.ann, talking.bob):
        with pytest.raises(model.Forbidden):
            functions.commands.signal(user, talking.id, OFFER)
    assert transport.deliveries == []
    assert functions.commands.act(talking.ann, talking.id, CallAction.HANGUP).state is CallState.ENDED


def test_who_left_is_in_the_reason() -> None:
    assert [model.left(role) for role in (CallRole.CALLER, CallRole.CALLEE)] == [
        EndReason.CALLER_LEFT,
        EndReason.CALLEE_LEFT,
    ]
