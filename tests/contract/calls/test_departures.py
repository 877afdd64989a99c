"""Calls that end on their own: a party is absent for 20 seconds, or one party blocks the other."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from services.calls import events
from services.calls import handler as functions
from services.calls.endings import Endings
from services.calls.model import ABSENCE_LIMIT, Call, DevicePage, EndReason
from services.calls.public import personal_data
from services.calls.repository import CallRepository
from services.calls.states import CallAction, CallState
from services.common.clock import now, now_text, to_text
from services.common.errors import CallOver, Forbidden, NotFound, WrongCallState
from services.common.events import DeviceLeft, ModerationDecided, UserBlocked
from tests.support.aws import Aws
from tests.support.calls import install
from tests.support.directory import FakePeople
from tests.support.lambdas import Context, new_user
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")
OFFER = {"description": {"type": "offer", "sdp": "v=0"}}
ANSWER = {"description": {"type": "answer", "sdp": "v=0"}}


@pytest.fixture(autouse=True)
def transport(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    fake = FakeTransport()
    install(fresh.process.url, FakePeople(), fake, monkeypatch)
    return fake


class Pair:
    """Ann calls Bob, each by one open device, and Bob has accepted."""

    def __init__(self, transport: FakeTransport, *, accepted: bool = True) -> None:
        self.ann, self.bob = new_user(), new_user()
        transport.open(self.ann, "ann-1")
        transport.open(self.bob, "bob-1")
        self.id = functions.commands.start(self.ann, self.bob, "audio", DevicePage("ann-1")).id
        if accepted:
            functions.commands.act(self.bob, self.id, CallAction.ACCEPT, DevicePage("bob-1"))

    @property
    def call(self) -> Call:
        call = CallRepository("calls").get(self.id)
        assert call is not None
        return call


def left(user: str, device: str, at: str | None = None) -> None:
    """Deliver the event that the realtime context publishes when a device disconnects."""
    told = DeviceLeft(cause=device, actor=user, at=at or now_text(), user_id=user, device=device)
    deliver(functions.listener, told.to_json())


def deliver(function: Any, *bodies: str) -> None:
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    assert function({"Records": records}, Context()) == {"batchItemFailures": []}


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return now() + self.ahead


class Watch:
    """Checks on a party as ``call-timeout`` does, while time passes."""

    def __init__(self, transport: FakeTransport) -> None:
        self.clock, self.transport = Clock(), transport
        self.endings = Endings(CallRepository("calls"), self.clock)

    def look(self, pair: Pair, user: str, device: str | None, after: float = 0) -> timedelta | None:
        """Advance by ``after`` seconds and check twice (duplicate delivery); returns the delay until the next check."""
        self.clock.ahead += timedelta(seconds=after)
        again = self.endings.look(self.transport, pair.id, user, device)
        assert (self.endings.look(self.transport, pair.id, user, device) is None) == (again is None)
        return again


@pytest.fixture
def watch(transport: FakeTransport) -> Watch:
    return Watch(transport)


@pytest.mark.parametrize(
    ("who", "device", "reason"), [("ann", "ann-1", "caller_left"), ("bob", "bob-1", "callee_left")]
)
def test_an_absent_party_ends_the_call(
    transport: FakeTransport, watch: Watch, who: str, device: str, reason: str
) -> None:
    pair = Pair(transport)
    user = getattr(pair, who)
    transport.close(device)
    left(user, device)
    assert (pair.call.state, pair.call.away()) == (CallState.ACCEPTED, [user])
    again = watch.look(pair, user, None, after=10)
    assert again is not None
    assert again < timedelta(seconds=10.1)
    assert pair.call.state is CallState.ACCEPTED
    assert watch.look(pair, user, None, after=10) is None
    assert (pair.call.state, pair.call.reason) == (CallState.ENDED, reason)
    cid = new_user()
    assert functions.commands.start(cid, pair.ann, "audio").state is CallState.RINGING


def test_a_page_that_has_a_new_connection_stays_in_the_call(transport: FakeTransport, watch: Watch) -> None:
    pair = Pair(transport)
    transport.close("ann-1")
    left(pair.ann, "ann-1")
    transport.open(pair.ann, "ann-2")
    assert functions.commands.here(pair.ann, pair.id, DevicePage("ann-2")).state is CallState.ACCEPTED
    assert watch.look(pair, pair.ann, None, after=20) is None
    assert watch.look(pair, pair.ann, "ann-1") is None
    assert watch.look(pair, pair.ann, "ann-2") == ABSENCE_LIMIT
    assert (pair.call.state, pair.call.caller.device) == (CallState.ACCEPTED, "ann-2")


def test_a_page_that_stops_sending_heartbeats_has_left(transport: FakeTransport, watch: Watch) -> None:
    """A page that was killed or lost its network: its connection seems open, and no event reports its end."""
    pair = Pair(transport)
    functions.commands.clock = watch.clock
    for _ in range(3):
        functions.commands.here(pair.ann, pair.id, DevicePage("ann-1", "page-of-ann"))
        assert watch.look(pair, pair.ann, "ann-1", after=15) is not None
    assert watch.look(pair, pair.ann, "ann-1", after=5) is None
    assert (pair.call.state, pair.call.reason) == (CallState.ENDED, EndReason.CALLER_LEFT)


def test_a_connection_without_heartbeats_is_checked_by_a_frame(transport: FakeTransport, watch: Watch) -> None:
    pair = Pair(transport)
    assert watch.look(pair, pair.bob, "bob-1", after=3600) == ABSENCE_LIMIT
    asked = transport.deliveries[-1]
    assert (asked.users, asked.only, asked.frame["type"]) == ([pair.bob], "bob-1", "call.updated")
    # The connection closed before the call recorded it, so no event was published
    transport.close("bob-1")
    assert watch.look(pair, pair.bob, "bob-1") is None
    assert (pair.call.state, pair.call.reason) == (CallState.ENDED, EndReason.CALLEE_LEFT)


@pytest.mark.parametrize("device", ["ann-tablet", "bob-tablet"])
def test_the_departure_of_devices_outside_the_call_changes_nothing(transport: FakeTransport, device: str) -> None:
    pair = Pair(transport)
    before = pair.call
    left(pair.ann if device.startswith("ann") else pair.bob, device)
    left(new_user(), "somebody-else")
    assert pair.call == before


def test_a_caller_who_disconnects_while_ringing_cancels_the_call(transport: FakeTransport, watch: Watch) -> None:
    pair = Pair(transport, accepted=False)
    left(pair.ann, "ann-1")
    left(pair.bob, "bob-1")
    assert watch.look(pair, pair.ann, None, after=20) is None
    assert (pair.call.state, pair.call.reason) == (CallState.CANCELLED, EndReason.CALLER_LEFT)


def test_a_late_disconnect_event_counts_from_the_time_of_the_disconnect(transport: FakeTransport, watch: Watch) -> None:
    pair = Pair(transport)
    left(pair.ann, "ann-1", at=to_text(now() - timedelta(minutes=2)))
    assert watch.look(pair, pair.ann, None) is None
    assert pair.call.reason is EndReason.CALLER_LEFT


def test_timer_messages_are_renewed_as_long_as_the_call_lasts(
    fresh: Aws, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[dict[str, Any], int]] = []
    monkeypatch.setattr("services.calls.timer.send", lambda _, message, delay: sent.append((message, delay)))
    pair = Pair(transport)
    records = [one for one in fresh.changes("calls") if one["dynamodb"]["Keys"]["pk"]["S"] == f"CALL#{pair.id}"]
    functions.projector({"Records": records}, Context())
    ann = {"callId": pair.id, "userId": pair.ann, "device": "ann-1"}
    bob = {"callId": pair.id, "userId": pair.bob, "device": "bob-1"}
    assert sent == [({"callId": pair.id}, 30), (ann, 20), (bob, 20)]
    sent.clear()
    deliver(functions.timeout, json.dumps(ann))
    assert sent == [(ann, 20)]
    functions.commands.act(pair.bob, pair.id, CallAction.HANGUP)
    sent.clear()
    deliver(functions.timeout, json.dumps(ann), json.dumps({"callId": pair.id}))
    assert sent == []


@pytest.mark.parametrize("accepted", [True, False])
def test_a_suspension_and_the_end_of_an_account_end_the_call(transport: FakeTransport, accepted: bool) -> None:
    def decided(user: str, decision: Literal["suspend", "hide"]) -> str:
        return ModerationDecided(
            cause="c", actor="moderator", decision=decision, subject_kind="person", subject_id=user, owner_id=user,
            reason="r", comment="", subject_version=1,
        ).to_json()  # fmt: skip

    pair = Pair(transport, accepted=accepted)
    deliver(functions.listener, decided(pair.bob, "hide"))
    assert pair.call.ended_at is None
    deliver(functions.listener, *[decided(pair.bob, "suspend")] * 2)
    assert (pair.call.state, pair.call.reason) == (CallState.ENDED, None)
    other = Pair(transport, accepted=accepted)
    closing, _ = personal_data("calls").closing
    assert [closing.run(other.ann), closing.run(other.ann)] == [1, 0]
    assert (other.call.state, other.call.reason) == (CallState.ENDED, None)


def test_a_takeover_while_the_answer_is_relayed_keeps_both_changes(
    transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(transport)
    seen = pair.call
    functions.commands.here(pair.ann, pair.id, DevicePage("ann-2", "other-page"), take_over=True)
    assert not CallRepository("calls").move(seen, seen.moved(CallState.CONNECTED, now()))
    functions.commands.signal(pair.bob, pair.id, DevicePage("bob-1"), 2, ANSWER)
    assert (pair.call.state, pair.call.caller.device) == (CallState.CONNECTED, "ann-2")


def test_signs_of_life_of_non_participants_are_refused(transport: FakeTransport) -> None:
    ringing = Pair(transport, accepted=False)
    with pytest.raises(WrongCallState):
        functions.commands.here(ringing.bob, ringing.id, DevicePage("bob-1"))
    with pytest.raises(NotFound):
        functions.commands.here(new_user(), ringing.id, DevicePage("eve-1"))
    functions.commands.act(ringing.ann, ringing.id, CallAction.HANGUP)
    with pytest.raises(CallOver):
        functions.commands.here(ringing.ann, ringing.id, DevicePage("ann-1"))


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_block_ends_the_call_without_naming_the_blocker(transport: FakeTransport, accepted: bool, who: str) -> None:
    pair = Pair(transport, accepted=accepted)
    blocker, blocked = (pair.ann, pair.bob) if who == "ann" else (pair.bob, pair.ann)
    told = UserBlocked(cause=pair.id, actor=blocker, blocker_id=blocker, blocked_id=blocked).to_json()
    before = pair.call
    deliver(functions.listener, told, told)
    assert (pair.call.state, pair.call.reason) == (CallState.ENDED, None)
    effects = events.of_change(before, pair.call)
    (frame,) = effects.frames
    assert (frame.users, frame.frame["data"]["call"]["reason"]) == ([pair.ann, pair.bob], None)
    assert [one.type for one in effects.domain_events] == ([] if accepted else ["call.ringing_ended"])


def test_a_block_of_others_ends_no_call(transport: FakeTransport) -> None:
    pair = Pair(transport)
    told = UserBlocked(cause=pair.id, actor=pair.ann, blocker_id=pair.ann, blocked_id=new_user())
    deliver(functions.listener, told.to_json())
    assert pair.call.state is CallState.ACCEPTED


def test_a_block_prevents_accepting_and_negotiating(transport: FakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    ringing, talking = Pair(transport, accepted=False), Pair(transport)
    blocks = {frozenset((pair.ann, pair.bob)) for pair in (ringing, talking)}
    monkeypatch.setattr(functions.commands, "people", FakePeople(blocks=blocks))
    with pytest.raises(Forbidden):
        functions.commands.act(ringing.bob, ringing.id, CallAction.ACCEPT, DevicePage("bob-1"))
    for user in (talking.ann, talking.bob):
        with pytest.raises(Forbidden):
            functions.commands.signal(user, talking.id, DevicePage(), 1, OFFER)
    assert transport.of("call.signal") == []
    assert functions.commands.act(talking.ann, talking.id, CallAction.HANGUP).state is CallState.ENDED
