"""A suspended person may read, appeal, export their data and leave; every other route refuses, also future ones."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from services.asyncapi import actions
from services.common.limits import CLOSED, CommandLimits
from services.common.sockets import ACTIONS, SocketActions
from services.common.standing import is_open_action, is_open_request
from services.openapi.document import routes
from tests.support.aws import Aws
from tests.support.gateway import Caller, Request, send
from tests.support.lambdas import new_user, socket_event
from tests.support.social import Network

OPEN = {
    "DELETE /v1/push-subscriptions", "DELETE /v1/push-subscriptions/{device_id}", "POST /v1/appeals",
    "DELETE /v1/live/{live_id}/viewing/{session}", "POST /v1/live/{live_id}/end",
    "POST /v1/me/deletion", "POST /v1/me/export", "POST /v1/me/sign-out", "POST /v1/realtime/tickets",
    "PUT /v1/notifications/read", "PUT /v1/notifications/seen",
}  # fmt: skip
CLOSED_TO_THEM = sorted(
    one
    for one in routes()
    if one not in OPEN and (not one.startswith("GET ") or "/moderation/" in one or one.endswith("/ice-servers"))
)


class Replies:
    def __init__(self) -> None:
        self.frames: list[Any] = []

    def reply(self, _: str, frame: Any) -> None:
        self.frames.append(frame)


def suspended() -> str:
    user = new_user()
    assert CommandLimits("idempotency").close(user, "spam", 1)
    return user


def refusal_of(user: str, name: str) -> Any:
    """The problem type in a socket action's answer; ``None`` when the action succeeded."""
    table, replies = SocketActions(), Replies()
    action = actions()[name]
    table.on(name, action.model, lambda *_: None, action.answer)
    event = socket_event("MESSAGE", user=user, device="d", body={"action": name, "id": "1", "data": {}})
    table.dispatch(event, replies, CommandLimits("idempotency"))
    (frame,) = replies.frames
    return frame["error"]["type"] if frame["type"] == "error" else None


@pytest.mark.parametrize("name", ACTIONS)
def test_a_suspended_person_may_only_ping_and_hang_up_on_a_socket(fresh: Aws, name: str) -> None:
    is_refused = refusal_of(suspended(), name) == "account-suspended"
    assert is_refused == (name not in ("ping", "call.hangup"))
    assert refusal_of(new_user(), name) != "account-suspended"


def test_an_account_being_deleted_may_not_even_ping(fresh: Aws) -> None:
    user = new_user()
    CommandLimits("idempotency").close(user, CLOSED, 1)
    assert refusal_of(user, "ping") == "account-suspended"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["plain", "with a key"])
def test_a_suspended_person_is_refused_before_anything_is_read(fresh: Aws, headers: dict[str, str]) -> None:
    user = suspended()
    for route in CLOSED_TO_THEM:
        method, path = route.split(" ")
        answer = send(Caller(user), Request(method, re.sub(r"\{\w+\}", "x", path), headers=headers, body=b"{}"))
        assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (403, "account-suspended"), route


def test_an_answer_that_was_kept_is_not_given_to_a_suspended_person(fresh: Aws) -> None:
    user = Network(fresh).person()
    body = b'{"clientPostId":"one","text":"hi"}'
    made = Request("POST", "/v1/posts", headers={"Idempotency-Key": "k"}, body=body)
    assert send(Caller(user), made)["statusCode"] == 201
    CommandLimits("idempotency").close(user, "spam", 1)
    assert json.loads(send(Caller(user), made)["body"])["type"] == "account-suspended"


def test_unlisted_actions_and_routes_are_closed_to_suspended_people() -> None:
    assert not is_open_action("call.join")
    assert not is_open_request("POST", "/v1/me")
    assert [
        one for one in ("accept", "decline", "hangup", "leave") if is_open_request("POST", f"/v1/calls/c/{one}")
    ] == ["hangup"]
    assert not is_open_request("POST", "/v1/calls/c/hangup/x")
    assert not is_open_request("POST", "/v1/mementos")
    assert not is_open_request("GET", "/v1/moderation/cases")
    assert is_open_request("GET", "/v1/timelines/home")


@pytest.mark.parametrize("path", ["/v1/p%6fsts", "/v1/%70osts"])
def test_another_spelling_of_a_path_counts_for_the_same_quota(fresh: Aws, path: str) -> None:
    answer = send(Caller(Network(fresh).person()), Request("POST", path, body=b"{}"))
    assert answer["headers"]["ratelimit-policy"].startswith('"posts"')
