"""Connections: tickets, frames, refusals. Public addresses only."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import InvalidStatus

from kit.client import Endpoints, Socket
from kit.client.socket import SocketError
from tests.support.people import Town


def test_a_ticket_connects_once(town: Town, endpoints: Endpoints) -> None:
    ann = town.person()
    ticket = ann.api.post("/v1/realtime/tickets")["ticket"]
    with Socket(endpoints, ann.api, ticket=ticket) as socket:
        assert socket.send("ping") == {}
        with pytest.raises(InvalidStatus) as refused:
            Socket(endpoints, ann.api, ticket=ticket)
        assert refused.value.response.status_code in (401, 403)


@pytest.mark.parametrize("ticket", ["nonsense", "x" * 500, "%00"])
def test_connecting_without_a_ticket_is_refused(town: Town, endpoints: Endpoints, ticket: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Socket(endpoints, town.person().api, ticket=ticket)
    assert refused.value.response.status_code in (401, 403)


@pytest.mark.parametrize(
    ("action", "data", "status"),
    [
        ("chat.fly", {}, 400),
        ("ping", {"more": 1}, 400),
        ("chat.send", {"conversationId": "x"}, 400),
        ("chat.typing", {"conversationId": "01J00000000000000000000000"}, 404),
        ("chat.read", {"conversationId": "nonsense", "seq": 1}, 404),
        ("call.accept", {"callId": "01J00000000000000000000000"}, 404),
        ("call.signal", {"callId": "01J00000000000000000000000"}, 400),
        ("call.start", {"calleeId": "me", "media": "audio"}, 400),
    ],
)
def test_an_invalid_action_is_answered_with_a_problem(
    town: Town, endpoints: Endpoints, action: str, data: dict[str, object], status: int
) -> None:
    with Socket(endpoints, town.person().api) as socket:
        with pytest.raises(SocketError) as refused:
            socket.send(action, data)
        assert refused.value.problem["status"] == status
        assert socket.send("ping") == {}


def test_an_invalid_frame_is_answered_and_the_connection_stays_open(town: Town, endpoints: Endpoints) -> None:
    with Socket(endpoints, town.person().api) as socket:
        for text in ("no json", "[]", json.dumps({"action": "ping"})):
            socket.send_raw(text)
        assert socket.send("ping") == {}
