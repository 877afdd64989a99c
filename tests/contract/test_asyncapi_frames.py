"""The frames that the running system sends over its sockets match ``docs/asyncapi.json``."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kit.client import Endpoints, Socket
from kit.settings import checkout_root
from tests.support.people import Town

DOCUMENT: dict[str, Any] = json.loads((checkout_root() / "docs" / "asyncapi.json").read_text("utf-8"))


def check(frame: dict[str, Any]) -> str:
    """Validate a frame against its message; returns the message's name."""
    kind = frame["type"]
    name = kind if kind in ("ack", "pong", "error") else f"event.{kind}"
    schema = {"$ref": f"#/components/messages/{name}/payload", "components": DOCUMENT["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    faults = [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in validator.iter_errors(frame)]
    assert not faults, (kind, faults)
    return name


@pytest.fixture(scope="module")
def frames() -> list[dict[str, Any]]:
    """The frames of a session between two people."""
    endpoints = Endpoints.load()
    town = Town(endpoints)
    ann, bob = town.person("Ann"), town.person("Bob")
    conversation = ann.api.post("/v1/conversations", {"memberId": bob.id})["id"]
    with Socket(endpoints, ann.api) as here, Socket(endpoints, bob.api) as there:
        text = {"conversationId": conversation, "clientMessageId": uuid.uuid4().hex, "text": "hello"}
        here.send("chat.send", text)
        # A message from a stranger is a request: until Bob accepts, his side reveals nothing.
        bob.api.put(f"/v1/conversations/{conversation}/request", {"accept": True})
        there.send("chat.typing", {"conversationId": conversation})
        there.send("chat.read", {"conversationId": conversation, "seq": 1})
        call = {"callId": here.send("call.start", {"calleeId": bob.id, "media": "audio"})["call"]["id"]}
        there.send("call.accept", call)
        here.send("call.signal", {**call, "description": {"type": "offer", "sdp": "v=0"}})
        there.send("call.hangup", call)
        bob.follow(ann)
        ann.post("something new")
        told = here.wait("notification.created")["data"]["notification"]
        ann.api.put("/v1/notifications/read", {"upTo": told["id"]})
        for socket, kinds in (
            (here, ["chat.message", "chat.typing", "chat.read", "call.ended", "notification.unread"]),
            (there, ["chat.message", "call.ringing", "call.accepted", "call.signal", "call.ended"]),
        ):
            for kind in kinds:
                socket.wait(kind)
        found = [frame for socket in (here, there) for _, frame in socket.events]
    town.close()
    return found


def test_event_frames_match_the_asyncapi_document(frames: list[dict[str, Any]]) -> None:
    seen = {check(frame) for frame in frames}
    assert {name.removeprefix("event.").split(".")[0] for name in seen} >= {"chat", "call", "notification"}


def test_answer_frames_match_the_asyncapi_document() -> None:
    for frame in (
        {"type": "ack", "id": "1", "data": {}},
        {"type": "error", "id": "", "error": {"type": "bad-request", "title": "Bad Request", "status": 400}},
    ):
        check(frame)
    with pytest.raises(AssertionError):
        check({"type": "error", "id": "1", "error": {}})
