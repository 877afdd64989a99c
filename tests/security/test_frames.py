"""Frames as ``docs/asyncapi.json`` describes them, with hostile values in each place, and invalid frames.

Each is answered to its sender with one frame; no answer is an unexpected error or reveals internals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import asyncapi
from services.access.rules import Asker
from services.common.limits import CommandLimits
from services.common.sockets import ACTIONS
from tests.support.askers import World
from tests.support.aws import Aws
from tests.support.from_schema import values_of
from tests.support.hostile_values import BODIES, INTERNALS, VALUES
from tests.support.lambdas import socket_event
from tests.support.served import Replies, served

SCHEMAS: Mapping[str, Any] = asyncapi.document()["components"]["schemas"]
UNLIMITED = [f"{kind}=1000000/60" for kind in ("messages", "calls", "commands")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


#: Ids of the world, by the names of the properties that hold them.
KNOWN = {"conversationId": "{conversation_id}", "callId": "{call_id}", "calleeId": "{member_id}", "to": "{member_id}"}
SENDERS = (Asker.OWNER, Asker.MEMBER, Asker.OUTSIDER, Asker.BLOCKED, Asker.SUSPENDED)


def check(world: World, context: str, body: str, sender: Asker = Asker.OWNER) -> None:
    """Send one frame; raises AssertionError unless exactly one clear answer arrived."""
    replies = Replies()
    event = socket_event("MESSAGE", user=world.users[sender], device=f"d-{sender}", body=body)
    served()[context].dispatch(event, replies, CommandLimits("idempotency", UNLIMITED))
    (answer,) = replies.frames
    assert answer["type"] in ("ack", "pong", "error"), answer
    text = json.dumps(answer, ensure_ascii=False).encode().decode()
    if answer["type"] == "error":
        assert answer["error"]["status"] < 500, (body[:200], answer)
        assert not INTERNALS.search(text), answer


def good(world: World, name: str) -> dict[str, Any]:
    """Valid or nearly valid data for the action: ids of the world."""
    known = {**KNOWN, "seq": 1}
    fields = SCHEMAS[asyncapi.actions()[name].model.__name__].get("properties", {})
    filled: dict[str, Any] = json.loads(world.fill(json.dumps({field: known.get(field, "x") for field in fields})))
    return filled


@pytest.mark.parametrize("name", ACTIONS)
def test_hostile_values_in_each_place_cause_no_fault(shared_world: World, name: str) -> None:
    data = good(shared_world, name)
    for field in (*data, "unknown"):
        for value in VALUES:
            frame = {"action": name, "id": "1", "data": {**data, field: value}}
            check(shared_world, name.partition(".")[0], json.dumps(frame))
    for value in VALUES:
        for frame in (
            {"action": name, "id": value},
            {"action": value, "id": "1"},
            {"action": name, "id": "1", "data": value},
        ):
            check(shared_world, name.partition(".")[0], json.dumps(frame))


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:16]))
def test_invalid_frames_are_refused_without_a_fault(shared_world: World, body: bytes) -> None:
    for context in served():
        check(shared_world, context, body.decode("utf-8", "replace"))


@settings(max_examples=150, derandomize=True)
@given(name=st.sampled_from(ACTIONS), data=JSON, field=st.text(max_size=12))
def test_random_data_of_each_action_causes_no_fault(shared_world: World, name: str, data: Any, field: str) -> None:
    known = good(shared_world, name)
    for sent in (data, {**known, field: data}, dict.fromkeys(known, data)):
        check(shared_world, name.partition(".")[0], json.dumps({"action": name, "id": "1", "data": sent}))


@pytest.fixture(scope="module")
def quiet_world(settled: Aws) -> World:
    """A world without connections: no gateway accepts frames for a device here."""
    world = World.settled(settled)
    world.refresh("{call_id}{seq}")
    return world


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_walks_of_frames_as_asyncapi_describes_them(quiet_world: World, data: st.DataObject) -> None:
    """Several people in turns send valid frames; each acts on the results of the others."""
    known = {name: quiet_world.fill(value) for name, value in KNOWN.items()}
    # A ping registers a device.
    names = [name for name in ACTIONS if name != "ping"]
    for _ in range(data.draw(st.integers(1, 8))):
        name, sender = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(SENDERS))
        schema = SCHEMAS[asyncapi.actions()[name].model.__name__]
        sent = {"action": name, "id": "1", "data": data.draw(values_of(schema, SCHEMAS, known))}
        check(quiet_world, name.partition(".")[0], json.dumps(sent), sender)
