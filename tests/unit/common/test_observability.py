"""Every invocation ends with one line, which is also its metrics."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter

from emulation.console.emf import metric_data
from services.common import observability
from services.common.entry import (
    Handler,
    change_handler,
    event_handler,
    http_and_socket_handler,
    http_handler,
    ordered_handler,
    queue_handler,
    whole_batch_handler,
)
from services.common.errors import NotFound
from services.common.http import Body, create_app
from services.common.observability import note
from services.common.settings import CommandSettings, QueueSettings
from services.common.sockets import SocketActions
from tests.support.aws import Aws
from tests.support.lambdas import Context, call_http, new_user, socket_event

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Reads what the functions have logged since."""
    written = io.StringIO()
    (handler,) = logging.getLogger(observability.logger.name).handlers
    assert isinstance(handler, logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def the_one(lines: Lines) -> dict[str, Any]:
    (line,) = lines()
    return line


class Nothing(Body):
    pass


def things() -> Handler:
    router = APIRouter(prefix="/v1/things")

    @router.get("/{thing_id}")
    async def read(thing_id: str) -> dict[str, str]:
        if thing_id == "gone":
            raise NotFound("No such thing.")
        if thing_id == "broken":
            raise ValueError("broken")
        return {"id": thing_id}

    return http_handler(create_app("things", router), CommandSettings.read())


@pytest.mark.parametrize(
    ("path", "status", "outcome", "operation"),
    [
        ("/v1/things/1234", 200, "ok", "GET /v1/things/{thing_id}"),
        ("/v1/things/gone", 404, "refused", "GET /v1/things/{thing_id}"),
        ("/v1/things/broken", 500, "failed", "GET /v1/things/{thing_id}"),
        ("/v1/nothing/here", 404, "refused", "GET /v1/{proxy+}"),
    ],
)
def test_a_request(fresh: Aws, lines: Lines, path: str, status: int, outcome: str, operation: str) -> None:
    user = new_user()
    assert call_http(things(), "GET", path, user=user, route="GET /v1/{proxy+}").status == status
    line = lines()[-1]
    assert (line["operation"], line["outcome"], line["status"]) == (operation, outcome, status)
    assert (line["caller"], line["request_id"], line["function"]) == (user, "request", "function")
    assert line["level"] == ("ERROR" if outcome == "failed" else "INFO")
    assert len(lines()) == (2 if outcome == "failed" else 1)
    assert path not in json.dumps(line["operation"])


def test_a_socket_action_and_a_connection(fresh: Aws, lines: Lines) -> None:
    actions, replies = SocketActions(), []
    actions.on("ping", Nothing, lambda request, data: {}, answer="pong")

    class Device:
        def reply(self, device: str, frame: Any) -> None:
            replies.append(frame["type"])

    handler = http_and_socket_handler(
        create_app("sockets"),
        actions,
        Device,
        CommandSettings.read(),
        lifecycle={"CONNECT": lambda event: {"statusCode": 403}},
    )
    user = new_user()
    for kind, body in (
        ("MESSAGE", {"action": "ping", "id": "1"}),
        ("MESSAGE", {"action": new_user(), "id": "2"}),
        ("CONNECT", None),
    ):
        handler(socket_event(kind, user=user, device="d", body=body), Context())
    assert replies == ["pong", "error"]
    told = [(line["operation"], line["outcome"], line["caller"]) for line in lines()]
    assert told == [("ping", "ok", user), ("$default", "refused", user), ("$connect", "refused", user)]


def message(number: int) -> dict[str, Any]:
    return {
        "messageId": str(number), "body": "{}", "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:asyncsns-due",
    }  # fmt: skip


def test_a_batch_of_a_queue_counts_what_failed(fresh: Aws, lines: Lines) -> None:
    def run(record: Any) -> None:
        if record["messageId"] == "2":
            raise ValueError("not this one")

    queue_handler(run, QueueSettings.read())({"Records": [message(one) for one in range(3)]}, Context())
    line = the_one(lines)
    assert (line["operation"], line["records"], line["failed"]) == ("sqs asyncsns-due", 3, 1)
    assert (line["outcome"], line["level"]) == ("failed", "ERROR")
    assert "not this one" in line["reasons"][0]


def change(number: int) -> dict[str, Any]:
    return {
        "eventID": str(number),
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:0:table/asyncsns-posts/stream/2026-01-01T00:00:00.000",
        "dynamodb": {"SequenceNumber": str(number), "Keys": {"pk": {"S": "p"}}, "NewImage": {"pk": {"S": "p"}}},
    }


@pytest.mark.parametrize(
    "handler",
    [change_handler(lambda changes: None), ordered_handler("dynamodb", lambda record: None, key=lambda record: "")],
)
def test_a_batch_of_changes(lines: Lines, handler: Handler) -> None:
    handler({"Records": [change(1), change(2)]}, Context())
    line = the_one(lines)
    assert (line["operation"], line["outcome"], line["records"]) == ("dynamodb asyncsns-posts", "ok", 2)


def test_a_batch_of_a_kinesis_stream(lines: Lines) -> None:
    records = [{"eventSourceARN": "arn:aws:kinesis:us-east-1:0:stream/asyncsns-frames", "kinesis": {}}]
    whole_batch_handler("kinesis", lambda found: ["7"])({"Records": records}, Context())
    line = the_one(lines)
    assert (line["operation"], line["outcome"], line["failed"]) == ("kinesis asyncsns-frames", "failed", 1)


def test_an_event_that_raises_still_has_its_line(lines: Lines) -> None:
    def sweep(event: Any, context: Any) -> None:
        note(sent=3)
        raise RuntimeError("down")

    with pytest.raises(RuntimeError):
        event_handler("schedule", sweep)({}, Context())
    line = lines()[-1]
    assert (line["operation"], line["outcome"], line["error"]) == ("schedule", "failed", "RuntimeError")
    assert line["sent"] == 3


def test_only_the_first_invocation_is_a_cold_start(monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    monkeypatch.setattr(observability, "_cold", True)
    handler = event_handler("schedule", lambda event, context: None)
    for _ in range(2):
        handler({}, Context())
    assert [line["cold_start"] for line in lines()] == [True, False]


def test_nothing_of_one_invocation_is_left_in_the_next(lines: Lines) -> None:
    event_handler("one", lambda event, context: note(caller="someone", status=404))({}, Context())
    event_handler("two", lambda event, context: None)({}, Context())
    assert "caller" not in lines()[-1]
    assert lines()[-1]["outcome"] == "ok"


def test_the_line_is_an_embedded_metric_with_few_dimensions(lines: Lines) -> None:
    event_handler("schedule", lambda event, context: None)({}, Context())
    text = json.dumps(the_one(lines))
    data = {datum["MetricName"]: datum for _, datum in metric_data(text)}
    dimensions = {name: [one["Name"] for one in datum["Dimensions"]] for name, datum in data.items()}
    assert dimensions == {"Duration": ["service", "operation"], "Outcome": ["service", "outcome"]}
    assert data["Outcome"]["Values"] == [1.0]
    assert data["Duration"]["Unit"] == "Milliseconds"
