"""The functions of calls, invoked as the gateways, the stream and the queue invoke them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.calls import commands, model
from services.calls import handler as functions
from services.calls.events import call_frame
from services.calls.model import Call, DevicePage
from services.calls.repository import CallRepository
from services.calls.states import CallAction
from services.common.clock import now
from services.common.errors import AppError
from services.query import handler as query
from tests.support.aws import Aws
from tests.support.calls import ANSWER, OFFER, act, http, problem, ring, state, talking
from tests.support.directory import FakePeople
from tests.support.lambdas import Context, call_http, new_user
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh", "transport")


def test_a_block_prevents_calls(transport: FakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = new_user(), new_user()
    monkeypatch.setattr(functions.commands, "people", FakePeople(blocks={frozenset((ann, bob))}))
    for one, other in ((ann, bob), (bob, ann)):
        assert http("", one, {"calleeId": other, "media": "audio"}).status == 403
        assert act(transport, one, "call.start", {"calleeId": other, "media": "audio"})["error"]["status"] == 403


def test_a_person_who_may_not_message_someone_may_not_call_them(
    transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = new_user(), new_user()
    monkeypatch.setattr(functions.commands, "reach", FakePeople(kept_away={(ann, bob)}))
    refused = http("", ann, {"calleeId": bob, "media": "audio"})
    assert (refused.status, refused.body["detail"]) == (403, "You can't call this person.")
    assert act(transport, ann, "call.start", {"calleeId": bob, "media": "audio"})["error"]["status"] == 403
    assert transport.deliveries == []
    # A person may call back someone who calls them, even at the same moment
    call = ring(bob, ann)
    assert http("", ann, {"calleeId": bob, "media": "audio", "session": "page-of-ann"}).body["id"] == call
    assert state(call) == "accepted"


def test_a_call_passes_through_its_states(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    started = act(transport, ann, "call.start", {"calleeId": bob, "media": "audio"}, "ann-1")["data"]["call"]
    call = {"callId": started["id"]}
    assert act(transport, bob, "call.accept", call, "bob-1")["data"]["call"]["state"] == "accepted"
    both = {**ANSWER, "candidates": [{"candidate": "x"}]}
    for sender, device, payload in [(ann, "ann-1", OFFER), (bob, "bob-1", both), (bob, "bob-1", {"candidate": None})]:
        answer = act(transport, sender, "call.signal", call | payload, device)
        assert (answer["type"], answer["data"]) == ("ack", {"delivered": True})
    assert [(list(one.users), one.only) for one in transport.of("call.signal")] == [
        ([bob], "bob-1"), ([ann], "ann-1"), ([ann], "ann-1"),
    ]  # fmt: skip
    assert transport.of("call.signal")[0].frame["data"] == {**call, "from": ann, "epoch": 1, **OFFER}
    assert state(started["id"]) == "connected"
    ended = act(transport, bob, "call.hangup", call)["data"]["call"]
    assert (ended["state"], bool(ended["endedAt"])) == ("ended", True)
    assert http(f"/{started['id']}/hangup", ann).body["state"] == "ended"
    assert act(transport, ann, "call.signal", call | OFFER)["error"]["status"] == 409


def test_direct_frames_have_the_event_ids_of_the_projectors_frames(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    call = talking(transport, ann, bob)
    (ringing,), (accepted,) = transport.of("call.ringing"), transport.of("call.accepted")
    assert (ringing.users, ringing.only, accepted.users, accepted.only) == ([bob], None, [ann], None)
    stored = CallRepository("calls").get(call["callId"])
    assert stored
    later = call_frame("call.accepted", stored)
    assert (accepted.frame["eventId"], accepted.frame["data"]) == (later["eventId"], later["data"])
    fresh_call = ringing.frame["data"]["call"]
    assert (fresh_call["id"], fresh_call["state"]) == (stored.id, "ringing")


def test_frames_sent_at_once_carry_the_trace_of_the_click(
    transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "current", lambda: "Root=1-2-3;Parent=4;Sampled=1")
    talking(transport, new_user(), new_user())
    told = [*transport.of("call.ringing"), *transport.of("call.accepted")]
    assert [one.frame["trace"] for one in told] == ["Root=1-2-3;Parent=4;Sampled=1"] * 2


def test_a_transport_outage_does_not_end_a_call(transport: FakeTransport) -> None:
    transport.down = True
    call = talking(transport, new_user(), new_user())
    assert state(call["callId"]) == "accepted"


def test_a_device_that_did_not_answer_negotiates_nothing(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    call = talking(transport, ann, bob)
    for device, session, epoch, refused in [
        ("bob-desk", None, 1, "call-elsewhere"),
        ("bob-desk", "desk-of-bob", 1, "call-elsewhere"),
        ("bob-2", "page-of-bob", 1, "not-in-call"),
        ("bob-1", "page-of-bob", 2, "stale-negotiation"),
    ]:
        data = {**call, **ANSWER, "epoch": epoch} | ({"session": session} if session else {})
        assert problem(act(transport, bob, "call.signal", data, device)) == refused
    assert (transport.of("call.signal"), state(call["callId"])) == ([], "accepted")


def test_a_reloaded_page_learns_of_its_call_and_rejoins(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    call = talking(transport, ann, bob)
    assert http(f"/{call['callId']}/leave", bob, {"session": "page-of-bob"}).body["away"] == [bob]
    assert act(transport, ann, "call.signal", call | OFFER, "ann-1")["data"] == {"delivered": False}
    told = act(transport, bob, "call.current", {}, "bob-2")["data"]["current"]
    assert (told["call"]["id"], told["call"]["state"], told["other"]["id"]) == (call["callId"], "accepted", ann)
    here = act(transport, bob, "call.here", call | {"session": "next-page"}, "bob-2")["data"]["call"]
    assert (here["epoch"], here["calleeSession"], here["away"]) == (2, "next-page", [])
    # A late message of the page that left does not affect the current page
    assert http(f"/{call['callId']}/leave", bob, {"session": "page-of-bob"}).body["away"] == []
    assert problem(act(transport, ann, "call.signal", call | OFFER, "ann-1")) == "stale-negotiation"
    assert act(transport, ann, "call.signal", call | OFFER | {"epoch": 2}, "ann-1")["data"] == {"delivered": True}


def test_a_call_moves_to_another_device_when_asked_for(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    call = talking(transport, ann, bob)
    desk = call | {"session": "desk-of-bob"}
    assert problem(act(transport, bob, "call.here", desk, "bob-desk")) == "call-elsewhere"
    moved = act(transport, bob, "call.here", desk | {"takeOver": True}, "bob-desk")["data"]["call"]
    assert (moved["epoch"], moved["calleeSession"]) == (2, "desk-of-bob")
    assert problem(act(transport, bob, "call.here", call | {"session": "page-of-bob"}, "bob-1")) == "call-elsewhere"


def test_a_call_rings_on_when_the_caller_reloads_and_calling_again_rejoins_it(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    data = {"calleeId": bob, "media": "audio", "session": "page-of-ann"}
    call = act(transport, ann, "call.start", data, "ann-1")["data"]["call"]
    act(transport, ann, "call.leave", {"callId": call["id"], "session": "page-of-ann"}, "ann-1")
    assert state(call["id"]) == "ringing"
    again = act(transport, ann, "call.start", data | {"session": "next-page"}, "ann-2")["data"]["call"]
    assert (again["id"], again["epoch"], again["away"]) == (call["id"], 2, [])
    assert problem(act(transport, bob, "call.here", {"callId": call["id"]}, "bob-1")) == "call-state"
    assert problem(act(transport, bob, "call.leave", {"callId": call["id"]}, "bob-1")) == "call-state"


def test_calls_in_both_directions_become_one_call(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    first = act(transport, ann, "call.start", {"calleeId": bob, "media": "audio"}, "ann-1")["data"]["call"]
    second = act(transport, bob, "call.start", {"calleeId": ann, "media": "video"}, "bob-1")["data"]["call"]
    assert (second["id"], second["state"], second["callerId"]) == (first["id"], "accepted", ann)
    for user, other in ((ann, bob), (bob, ann)):
        assert act(
            transport, user, "call.signal", {"callId": first["id"], **OFFER}, f"{'ann' if user == ann else 'bob'}-1"
        )["data"] == {"delivered": True}
        assert transport.deliveries[-1].users == [other]


def test_repeated_ringing_is_limited(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    for _ in range(model.UNANSWERED_LIMIT):
        http(f"/{ring(ann, bob)}/hangup", ann)
    refused = http("", ann, {"calleeId": bob, "media": "audio"})
    assert (refused.status, refused.body["type"]) == (429, "too-many-requests")
    http(f"/{ring(bob, ann)}/accept", ann)


def test_the_call_history_pages_both_ways_and_shows_own_calls_only(transport: FakeTransport) -> None:
    ann, bob, eve = new_user(), new_user(), new_user()
    calls = []
    for _ in range(5):
        calls.append(ring(ann, bob))
        http(f"/{calls[-1]}/accept", bob)
        http(f"/{calls[-1]}/hangup", bob)

    def listed(user: str, query_text: str = "") -> Any:
        answer = call_http(query.handler, "GET", "/v1/calls", user=user, query=query_text)
        assert answer.status == 200, answer
        return answer.body

    page = listed(bob, "limit=2")
    assert [one["call"]["id"] for one in page["items"]] == calls[:2:-1]
    assert page["items"][0]["other"]["id"] == ann
    older = listed(bob, f"limit=2&cursor={page['older']}")
    assert [one["call"]["id"] for one in older["items"]] == [calls[2], calls[1]]
    assert [one["call"]["id"] for one in listed(bob, f"cursor={older['newer']}")["items"]] == calls[:2:-1]
    assert (listed(eve)["items"], listed(ann, "limit=1")["items"][0]["call"]["state"]) == ([], "ended")
    assert call_http(query.handler, "GET", "/v1/calls", user=bob, query="cursor=x").body["type"] == "invalid-cursor"
    for path in ("/v1/calls", "/v1/calls/current"):
        assert call_http(query.handler, "GET", path, user=None).status == 403


def outcome(run: Callable[[], Call]) -> str:
    """The resulting state, or the type of the problem."""
    try:
        return str(run().state)
    except AppError as error:
        return error.type


def test_one_of_two_answering_devices_wins() -> None:
    bob = new_user()
    call = ring(new_user(), bob)
    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda _: outcome(lambda: functions.commands.act(bob, call, CallAction.ACCEPT)), range(6))
    assert sorted(answers) == ["accepted"] + ["call-state"] * 5


def test_the_device_that_answered_may_ask_again(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    call = {"callId": ring(ann, bob)}
    assert act(transport, bob, "call.accept", call, "phone")["type"] == "ack"
    assert act(transport, bob, "call.accept", call, "phone")["type"] == "ack"
    assert act(transport, bob, "call.accept", call, "desk")["error"]["status"] == 409


def test_a_person_is_busy_during_a_call_and_free_after_it(transport: FakeTransport) -> None:
    ann, bob, cid = new_user(), new_user(), new_user()
    call = ring(ann, bob)
    assert ring(ann, bob) == call
    busy = http("", cid, {"calleeId": bob, "media": "audio"})
    assert (busy.status, busy.body["state"]) == (201, "busy")
    refused = http("", ann, {"calleeId": cid, "media": "audio"})
    assert (refused.status, refused.body["errors"][0]["got"]) == (409, call)
    assert http(f"/{call}/decline", bob).body["state"] == "declined"
    ring(cid, bob)


def test_both_calling_each_other_in_the_same_moment_makes_one_call() -> None:
    ann, bob = new_user(), new_user()
    with ThreadPoolExecutor(2) as pool:
        sides = [(ann, bob, DevicePage("ann-1", "page-ann")), (bob, ann, DevicePage("bob-1", "page-bob"))]
        states = [*pool.map(lambda side: outcome(lambda: functions.commands.start(*side[:2], "audio", side[2])), sides)]
    calls = [CallRepository("calls").current(user).call for user in (ann, bob)]
    assert (sorted(states), calls[0]) == (["accepted", "ringing"], calls[1])
    assert calls[0] is not None
    assert calls[0].state == "accepted"


def test_pages_that_died_silently_keep_no_person_busy(
    transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, cid = new_user(), new_user(), new_user()
    call = talking(transport, ann, bob)
    assert http("", cid, {"calleeId": bob, "media": "audio"}).body["state"] == "busy"
    monkeypatch.setattr(functions.commands, "clock", lambda: now() + model.ABSENCE_LIMIT)
    assert http("", cid, {"calleeId": bob, "media": "audio"}).body["state"] == "ringing"
    assert state(call["callId"]) == "failed"
    assert problem(act(transport, ann, "call.here", call | {"session": "page-of-ann"}, "ann-1")) == "call-over"


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


def test_the_projector_notifies_both_sides_and_starts_the_timer(fresh: Aws) -> None:
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
    events = fresh.published(lambda event: event["data"].get("callId") == call, 6)
    assert {event["type"] for event in events} == {"call.ringing", "call.ringing_ended", "call.missed"}
    assert len({event["id"] for event in events}) == 3
    url = fresh.environment["QUEUE_CALL_TIMEOUTS"]
    waiting = fresh.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert int(waiting["ApproximateNumberOfMessagesDelayed"]) >= 2
