"""The log line of an invocation, for functions that read and write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import APIRouter

from services.common.entry import (
    Handler,
    http_and_socket_handler,
    http_handler,
    queue_handler,
)
from services.common.errors import NotFound
from services.common.http import Body, create_app
from services.common.settings import CommandSettings, QueueSettings
from services.common.sockets import SocketActions
from tests.support.aws import Aws
from tests.support.lambdas import Context, call_http, new_user, socket_event
from tests.unit.common.test_observability import Lines, lines, the_one

#: A fixture shared with the other file.
__all__ = ["lines"]


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
def test_a_request_is_logged_in_one_line(
    fresh: Aws, lines: Lines, path: str, status: int, outcome: str, operation: str
) -> None:
    user = new_user()
    assert call_http(things(), "GET", path, user=user, route="GET /v1/{proxy+}").status == status
    line = lines()[-1]
    assert (line["operation"], line["outcome"], line["status"]) == (operation, outcome, status)
    assert (line["caller"], line["request_id"], line["function"]) == (user, "request", "function")
    assert line["level"] == ("ERROR" if outcome == "failed" else "INFO")
    assert len(lines()) == (2 if outcome == "failed" else 1)
    assert path not in json.dumps(line["operation"])


def test_socket_actions_and_connections_are_logged(fresh: Aws, lines: Lines) -> None:
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


def test_a_batch_of_a_queue_is_logged_with_its_failures(fresh: Aws, lines: Lines) -> None:
    def run(record: Any) -> None:
        if record["messageId"] == "2":
            raise ValueError("not this one")

    queue_handler(run, QueueSettings.read())({"Records": [message(one) for one in range(3)]}, Context())
    line = the_one(lines)
    assert (line["operation"], line["records"], line["failed"]) == ("sqs asyncsns-due", 3, 1)
    assert (line["outcome"], line["level"]) == ("failed", "ERROR")
    assert "not this one" in line["reasons"][0]
