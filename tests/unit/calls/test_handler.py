"""The functions of calls as the gateways, the stream and the queue call them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.calls import handler as functions
from services.calls import model
from services.calls.commands import CallCommands
from services.calls.model import Call, CallAction
from services.calls.repository import CallRepository
from services.calls.settings import CallSettings
from services.common.errors import AppError
from services.query import handler as query
from services.query.settings import QuerySettings
from tests.support.aws import Aws
from tests.support.directory import FakePeople
from tests.support.lambdas import Answer, Context, call_http, new_user, socket_event
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")
NOBODY = "00000000-0000-4000-8000-000000000000"
OFFER = {"description": {"type": "offer", "sdp": "v=0"}}
ANSWER = {"description": {"type": "answer", "sdp": "v=0"}}


@pytest.fixture(autouse=True)
def transport(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    """Everyone but ``NOBODY`` has a profile; who is connected is up to the test."""
    fake = FakeTransport()
    monkeypatch.setattr(functions, "transport", lambda: fake)
    commands = CallCommands(CallRepository("calls"), lambda: fake, FakePeople(unknown={NOBODY}))
    monkeypatch.setattr(functions, "commands", commands, raising=False)
    monkeypatch.setattr(functions, "build_commands", lambda settings: commands)
    monkeypatch.setattr(functions, "handler", functions.handler.compose(CallSettings.read()))
    return fake


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


def test_nobody_calls_across_a_block(transport: FakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = new_user(), new_user()
    monkeypatch.setattr(functions.commands, "people", FakePeople(blocks={frozenset((ann, bob))}))
    for one, other in ((ann, bob), (bob, ann)):
        assert http("", one, {"calleeId": other, "media": "audio"}).status == 403
        assert act(transport, one, "call.start", {"calleeId": other, "media": "audio"})["error"]["status"] == 403


def test_a_call_goes_its_way(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    started = act(transport, ann, "call.start", {"calleeId": bob, "media": "audio"})["data"]["call"]
    call = {"callId": started["id"]}
    assert act(transport, bob, "call.accept", call)["data"]["call"]["state"] == "accepted"
    for sender, payload in [(ann, OFFER), (bob, ANSWER), (bob, {"candidate": None})]:
        assert act(transport, sender, "call.signal", call | payload)["type"] == "ack"
    assert [list(one.users) for one in transport.deliveries] == [[bob], [ann], [ann]]
    assert transport.deliveries[0].frame["data"] == {**call, "from": ann, **OFFER}
    assert state(started["id"]) == "connected"
    ended = act(transport, bob, "call.hangup", call)["data"]["call"]
    assert (ended["state"], bool(ended["endedAt"])) == ("ended", True)
    assert http(f"/{started['id']}/hangup", ann).body["state"] == "ended"
    assert act(transport, ann, "call.signal", call | OFFER)["error"]["status"] == 409


def outcome(run: Callable[[], Call]) -> str:
    """The state that came of it, or the type of the problem."""
    try:
        return str(run().state)
    except AppError as error:
        return error.type


def test_of_two_devices_that_answer_one_wins() -> None:
    bob = new_user()
    call = ring(new_user(), bob)
    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda _: outcome(lambda: functions.commands.act(bob, call, CallAction.ACCEPT)), range(6))
    assert sorted(answers) == ["accepted"] + ["conflict"] * 5


def test_the_device_that_answered_may_ask_again(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    call = {"callId": ring(ann, bob)}
    assert act(transport, bob, "call.accept", call, "phone")["type"] == "ack"
    assert act(transport, bob, "call.accept", call, "phone")["type"] == "ack"
    assert act(transport, bob, "call.accept", call, "desk")["error"]["status"] == 409


def test_who_is_in_a_call_is_busy_and_free_again_after_it(transport: FakeTransport) -> None:
    ann, bob, cid = new_user(), new_user(), new_user()
    call = ring(ann, bob)
    assert ring(ann, bob) == call
    busy = http("", cid, {"calleeId": bob, "media": "audio"})
    assert (busy.status, busy.body["state"]) == (201, "busy")
    refused = http("", ann, {"calleeId": cid, "media": "audio"})
    assert (refused.status, refused.body["errors"][0]["got"]) == (409, call)
    assert http(f"/{call}/decline", bob).body["state"] == "declined"
    ring(cid, bob)


def test_both_calling_each_other_at_once_makes_one_call() -> None:
    ann, bob = new_user(), new_user()
    with ThreadPoolExecutor(4) as pool:
        sides = [(ann, bob), (bob, ann)] * 2
        list(pool.map(lambda side: outcome(lambda: functions.commands.start(*side, "audio")), sides))
    calls = [CallRepository("calls").current(user).call for user in (ann, bob)]
    assert calls[0] == calls[1]
    assert calls[0] is not None
    assert calls[0].state == "ringing"


def test_a_call_that_all_have_left_is_lost_and_takes_nobody(transport: FakeTransport) -> None:
    ann, bob, cid = new_user(), new_user(), new_user()
    call = ring(ann, bob)
    http(f"/{call}/accept", bob)
    transport.open(ann, "ann-phone")
    assert http("", cid, {"calleeId": bob, "media": "audio"}).body["state"] == "busy"
    transport.close("ann-phone")
    ring(cid, bob)
    assert state(call) == "failed"


def test_the_caller_cancels_and_the_timeout_makes_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = new_user(), new_user()
    cancelled = ring(ann, bob)
    assert http(f"/{cancelled}/hangup", ann).body["state"] == "cancelled"
    missed = ring(ann, bob)
    records = [{"messageId": one, "body": json.dumps({"callId": one})} for one in (cancelled, missed)]
    early = functions.timeout({"Records": records}, Context())
    assert [entry["itemIdentifier"] for entry in early["batchItemFailures"]] == [missed]
    monkeypatch.setattr(model, "RING_TIME", timedelta(0))
    for _ in range(2):
        assert functions.timeout({"Records": records}, Context()) == {"batchItemFailures": []}
    assert (state(cancelled), state(missed)) == ("cancelled", "missed")
    assert http(f"/{missed}/accept", bob).status == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {}, 400),
        ("", {"calleeId": "bob", "media": "audio"}, 400),
        ("", {"calleeId": NOBODY, "media": "audio"}, 404),
        ("", {"calleeId": new_user(), "media": "smell"}, 400),
        ("", "no json", 400),
        ("/nonsense/accept", None, 404),
        ("/01J00000000000000000000000/accept", None, 404),
        ("/01J00000000000000000000000/dance", None, 400),
        ("/01J00000000000000000000000", None, 404),
    ],
)
def test_bad_input_is_answered_with_a_problem(path: str, body: Any, status: int) -> None:
    answer = http(path, new_user(), body)
    assert (answer.status, answer.body["status"]) == (status, status)


def test_one_does_not_call_oneself() -> None:
    ann = new_user()
    assert http("", ann, {"calleeId": ann, "media": "audio"}).status == 422


def test_strangers_and_the_unknown_are_refused(transport: FakeTransport) -> None:
    ann, bob, eve = new_user(), new_user(), new_user()
    call = ring(ann, bob)
    for action in ("accept", "decline", "hangup"):
        assert http(f"/{call}/{action}", eve).status == 404
        assert http(f"/{call}/{action}", None).status == 403
        assert act(transport, eve, f"call.{action}", {"callId": call})["error"]["status"] == 404
    assert act(transport, eve, "call.signal", {"callId": call, **OFFER})["error"]["status"] == 404
    assert http("", None, {"calleeId": bob, "media": "audio"}).status == 403
    assert http(f"/{call}/accept", ann).status == 403
    assert transport.deliveries == []
    assert state(call) == "ringing"
    for user, status in ((ann, 200), (eve, 404), (None, 403)):
        assert call_http(query.handler, "GET", f"/v1/calls/{call}", user=user).status == status


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"description": None},
        {**OFFER, "candidate": {"candidate": "x"}},
        {"description": {"type": "shout"}},
        {"candidate": {"candidate": 1}},
        {"candidate": {"candidate": "x", "sdpMLineIndex": -1}},
        {"description": {"type": "offer", "sdp": "x" * 31_000}},
        {"description": "offer"},
        {**OFFER, "to": "everyone"},
    ],
)
def test_a_signal_that_is_none_goes_nowhere(transport: FakeTransport, data: dict[str, Any]) -> None:
    ann, bob = new_user(), new_user()
    frame = act(transport, ann, "call.signal", {"callId": ring(ann, bob), **data})
    assert (frame["type"], frame["error"]["status"]) == ("error", 400)
    assert transport.deliveries == []


def test_a_candidate_passes_as_it_came(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    candidate = {"candidate": "candidate:1 1 UDP 1 127.0.0.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
    act(transport, ann, "call.signal", {"callId": ring(ann, bob), "candidate": candidate})
    assert transport.deliveries[0].frame["data"]["candidate"] == candidate
    large = "ü" * 15_500
    refused = act(
        transport, ann, "call.signal", {"callId": ring(ann, bob), "description": {"type": "offer", "sdp": large}}
    )
    assert refused["error"]["status"] == 413


def test_the_projector_tells_both_sides_and_starts_the_timer(fresh: Aws) -> None:
    ann, bob = new_user(), new_user()
    call = ring(ann, bob)
    http(f"/{call}/hangup", ann)
    records = [one for one in fresh.changes("calls") if one["dynamodb"]["Keys"]["pk"]["S"] == f"CALL#{call}"]
    for _ in range(2):
        assert functions.projector({"Records": records}, Context()) == {"batchItemFailures": []}
    sent = [one["kinesis"] for one in fresh.stream_records() if one["kinesis"]["partitionKey"] == call]
    frames = [json.loads(base64.b64decode(one["data"])) for one in sent]
    assert [one["frame"]["type"] for one in frames] == ["call.ringing", "call.ended"] * 2
    assert all(one["users"] == [ann, bob] for one in frames)
    assert len({one["frame"]["eventId"] for one in frames}) == 2
    events = fresh.published(lambda event: event["data"].get("callId") == call, 2)
    assert {event["type"] for event in events} == {"call.missed"}
    assert len({event["id"] for event in events}) == 1
    url = fresh.environment["QUEUE_CALL_TIMEOUTS"]
    waiting = fresh.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert int(waiting["ApproximateNumberOfMessagesDelayed"]) >= 2


def test_ice_servers_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    ann = new_user()
    assert call_http(query.handler, "GET", "/v1/calls/ice-servers", user=ann).body == {"iceServers": []}
    monkeypatch.setenv("STUN_URLS", "stun:one:3478, stun:two:3478")
    configured = query.handler.compose(QuerySettings.read())
    answer = call_http(configured, "GET", "/v1/calls/ice-servers", user=ann)
    assert answer.body == {"iceServers": [{"urls": ["stun:one:3478", "stun:two:3478"]}]}
    assert answer.headers["cache-control"] == "no-store"
    assert call_http(query.handler, "GET", "/v1/calls/ice-servers", user=None).status == 403
