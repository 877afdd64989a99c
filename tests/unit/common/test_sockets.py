"""Client frames: each is answered, and an invalid frame is refused with the name of the problem."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.common import sockets
from services.common.claims import Viewer
from services.common.errors import NotFound
from services.common.http import Body
from services.common.sockets import ACTIONS, SocketActions, SocketRequest
from services.common.tracing import Cause, current

SHAPE = 'a JSON object {"action": text, "id": text of 1 to 64 printable characters, "data": object}'


class Typed(Body):
    text: str = "nothing"


class Desk:
    """A context's actions, the sender that collects answers to the device, and the limiter."""

    def __init__(self) -> None:
        self.asked: list[tuple[SocketRequest, Typed]] = []
        self.admitted: list[tuple[str, str]] = []
        self.traces: list[str] = []
        self.answers: list[tuple[str, Mapping[str, Any]]] = []
        self.fails: Exception | None = None
        self.returns: Mapping[str, Any] | None = None
        self.actions = SocketActions()
        self.actions.on("chat.send", Typed, self._run)
        self.actions.on("ping", Typed, self._run, answer="pong")

    def _run(self, request: SocketRequest, data: Typed) -> Mapping[str, Any] | None:
        self.asked.append((request, data))
        self.traces.append(current())
        if self.fails:
            raise self.fails
        return self.returns

    def admit_action(self, user_id: str, name: str) -> None:
        self.admitted.append((user_id, name))

    def reply(self, device: str, frame: Mapping[str, Any]) -> None:
        self.answers.append((device, frame))

    def send(self, body: Any, user: str | None = "ann") -> Mapping[str, Any]:
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        context: dict[str, Any] = {"connectionId": "d"} | ({"authorizer": {"userId": user}} if user else {})
        event = {"requestContext": context, "body": text}
        assert self.actions.dispatch(event, self, self) == {"statusCode": 200}  # type: ignore[arg-type]
        ((device, frame),) = self.answers
        assert device == "d"
        return frame


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_action_runs_once_for_its_sender_and_is_acknowledged_by_id(desk: Desk) -> None:
    assert desk.send({"action": "chat.send", "id": "1", "data": {"text": "hi"}}) == {
        "type": "ack",
        "id": "1",
        "data": {},
    }
    assert desk.asked == [(SocketRequest(Viewer("ann"), "d"), Typed(text="hi"))]
    assert desk.admitted == [("ann", "chat.send")]


def test_an_answer_has_its_own_type_and_data(desk: Desk) -> None:
    desk.returns = {"seq": 1}
    assert desk.send({"action": "ping", "id": "x" * 64}) == {"type": "pong", "id": "x" * 64, "data": {"seq": 1}}
    assert desk.asked[0][1] == Typed()


@pytest.mark.parametrize(
    ("body", "field", "got", "detail"),
    [
        (None, "frame", "None", "The frame is not JSON."),
        ("{" + "x" * 100, "frame", "{" + "x" * 63, "The frame is not JSON."),
        ("[" * 100_000, "frame", "[" * 64, "The frame is not JSON."),
        ("[]", "frame", "list", "The frame is not an object."),
        ({"id": "1"}, "action", "None", "The frame is incomplete."),
        ({"action": "ping"}, "id", "None", "The frame is incomplete."),
        ({"action": "ping", "id": 1}, "id", "1", "The frame is incomplete."),
        ({"action": "ping", "id": ""}, "id", "''", "The frame is incomplete."),
        ({"action": "ping", "id": "x" * 65}, "id", repr("x" * 65)[:64], "The frame is incomplete."),
        ({"action": "ping", "id": "\n"}, "id", "'\\n'", "The frame is incomplete."),
    ],
)
def test_an_invalid_frame_is_refused_by_field_name(desk: Desk, body: Any, field: str, got: str, detail: str) -> None:
    answer = desk.send(body)
    assert (answer["type"], answer["id"], answer["error"]["status"]) == ("error", "", 400)
    assert answer["error"]["detail"] == detail
    assert answer["error"]["errors"] == [{"field": field, "expected": SHAPE, "got": got}]
    assert (desk.asked, desk.admitted) == ([], [])


def test_an_unknown_action_is_refused_with_the_list_of_actions(desk: Desk) -> None:
    name = "chat.sends" * 10
    answer = desk.send({"action": name[:64], "id": "1"})
    fault = {"field": "action", "expected": f"one of {', '.join(ACTIONS)}", "got": repr(name[:64])[:64]}
    assert (answer["id"], answer["error"]["detail"], answer["error"]["errors"]) == ("1", "Unknown action.", [fault])
    assert desk.admitted == []


def test_data_that_does_not_fit_is_refused_after_the_limiter_counted_it(desk: Desk) -> None:
    answer = desk.send({"action": "ping", "id": "1", "data": {"text": 7}})
    assert answer["error"]["detail"] == "The data does not match this action."
    assert [(one["field"], one["got"]) for one in answer["error"]["errors"]] == [("text", "7")]
    assert desk.admitted == [("ann", "ping")]


def test_a_connection_without_an_identity_does_nothing(desk: Desk) -> None:
    assert desk.send({"action": "ping", "id": "1"}, user=None)["error"]["status"] == 403
    assert (desk.asked, desk.admitted) == ([], [])


@pytest.mark.parametrize(("failure", "status"), [(NotFound("Gone."), 404), (ZeroDivisionError("secret"), 500)])
def test_failures_are_answered_and_internal_ones_reveal_no_details(desk: Desk, failure: Exception, status: int) -> None:
    desk.fails = failure
    answer = desk.send({"action": "ping", "id": "1"})
    assert (answer["type"], answer["id"], answer["error"]["status"]) == ("error", "1", status)
    assert "secret" not in json.dumps(answer)


def test_a_call_that_may_succeed_a_moment_later_is_answered_with_503(desk: Desk) -> None:
    desk.fails = ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")
    assert desk.send({"action": "ping", "id": "1"})["error"]["status"] == 503


@pytest.mark.parametrize(
    ("failure", "noted"),
    [
        (None, [{"operation": "ping"}]),
        (NotFound("Gone."), [{"operation": "ping"}, {"status": 404}]),
        (ZeroDivisionError(), [{"operation": "ping"}, {"status": 500}]),
    ],
)
def test_the_record_of_an_invocation_names_the_action_and_the_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failure: Exception | None, noted: list[dict[str, Any]]
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(sockets, "note", lambda **facts: told.append(facts))
    desk.fails = failure
    desk.send({"action": "ping", "id": "1"})
    assert told == noted


def test_an_action_belongs_to_the_trace_that_its_frame_names(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "cause_of_client", lambda text: Cause(f"{text};Sampled=1"))
    trace = "Root=1-6b04b32c-964a663396e0d4d9a13e8113;Parent=6da5da66d4d1cb88"
    desk.send({"action": "ping", "id": "1", "trace": trace})
    assert desk.traces == [f"{trace};Sampled=1"]


def test_a_context_registers_actions_of_the_protocol_and_takes_those_of_another(desk: Desk) -> None:
    with pytest.raises(ValueError, match=r"expected one of .*'chat\.send'.*, got 'chat\.sends'"):
        desk.actions.on("chat.sends", Typed, desk._run)
    other = SocketActions()
    other.on("room.join", Typed, desk._run)
    assert other.include(desk.actions) is other
    assert set(other.table()) == {"chat.send", "ping", "room.join"}
