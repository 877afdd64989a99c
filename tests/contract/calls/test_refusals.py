"""Refused call requests: invalid input, callers without a part in the call, invalid signals."""

from __future__ import annotations

from typing import Any

import pytest

from services.query import handler as query
from tests.support.calls import NOBODY, OFFER, act, http, ring, state, talking
from tests.support.lambdas import call_http, new_user
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh", "transport")


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
        ("/01J00000000000000000000000", None, 405),
    ],
)
def test_bad_input_is_answered_with_a_problem(path: str, body: Any, status: int) -> None:
    answer = http(path, new_user(), body)
    assert (answer.status, answer.body["status"]) == (status, status)


def test_calling_your_own_account_is_refused() -> None:
    ann = new_user()
    assert http("", ann, {"calleeId": ann, "media": "audio"}).status == 422


def test_strangers_and_unknown_calls_are_refused(transport: FakeTransport) -> None:
    ann, bob, eve = new_user(), new_user(), new_user()
    call = ring(ann, bob)
    for action in ("accept", "decline", "hangup", "leave"):
        assert http(f"/{call}/{action}", eve).status == 404
        assert http(f"/{call}/{action}", None).status == 403
        assert act(transport, eve, f"call.{action}", {"callId": call})["error"]["status"] == 404
    assert act(transport, eve, "call.signal", {"callId": call, **OFFER})["error"]["status"] == 404
    assert act(transport, eve, "call.here", {"callId": call})["error"]["status"] == 404
    assert act(transport, eve, "call.current", {})["data"] == {"current": None}
    assert http("", None, {"calleeId": bob, "media": "audio"}).status == 403
    assert http(f"/{call}/accept", ann).status == 403
    assert transport.of("call.signal") == []
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
        {**OFFER, "epoch": 0},
        {**OFFER, "session": "no spaces"},
        {"candidates": []},
        {"candidates": [{"candidate": "x"}] * 33},
    ],
)
def test_an_invalid_signal_is_not_relayed(transport: FakeTransport, data: dict[str, Any]) -> None:
    ann, bob = new_user(), new_user()
    frame = act(transport, ann, "call.signal", {"callId": ring(ann, bob), **data})
    assert (frame["type"], frame["error"]["status"]) == ("error", 400)
    assert transport.of("call.signal") == []


def test_a_candidate_is_relayed_unchanged(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    call = talking(transport, ann, bob)
    candidate = {"candidate": "candidate:1 1 UDP 1 127.0.0.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
    act(transport, ann, "call.signal", {**call, "candidate": candidate}, "ann-1")
    assert transport.of("call.signal")[0].frame["data"]["candidate"] == candidate
    large = "ü" * 15_500
    refused = act(transport, ann, "call.signal", {**call, "description": {"type": "offer", "sdp": large}}, "ann-1")
    assert refused["error"]["status"] == 413
