"""The AsyncAPI document of the socket protocol: current, consistent, and matching the frames that contexts send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services import asyncapi
from services.calls import events as calls
from services.calls.model import Call
from services.calls.states import CallState
from services.chat import events as chat
from services.chat.model import Conversation, Member, MemberList, Membership, Message
from services.common.clock import from_text
from services.common.outbox import frame
from services.notifications import frames as notifications
from services.notifications.model import Marks, Notification, NotificationSubject, NotificationType
from services.notifications.resources import to_resource

DOCUMENT: dict[str, Any] = json.loads(asyncapi.DOCUMENT.read_text("utf-8"))
AT = "2026-01-01T00:00:00.000Z"


def test_the_committed_document_is_current() -> None:
    assert asyncapi.DOCUMENT.read_text("utf-8") == asyncapi.text(), "run: make api"


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_resolves() -> None:
    document = asyncapi.document()
    for reference in references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def made() -> list[dict[str, Any]]:
    """One frame of each kind that these contexts send, built by their own code."""
    message = Message("m", "k", 1, "ann", "c", "hi", AT)
    conversation = Conversation("k", "direct", 1, message, AT, AT)
    member_list = MemberList("k", 1, {user: Member("member", 1, "active", AT) for user in ("ann", "bob")})
    mark = Membership("k", "bob", 1, 1)
    call = Call("c", "ann", "bob", "audio", CallState.RINGING, AT)
    told = Notification("n", "bob", NotificationType.LIKE, AT, ("ann",), 1, NotificationSubject("p"), None)
    author = {"id": "ann", "handle": "ann", "displayName": "Ann", "avatarUrl": None}
    outgoing = [
        *chat.of_message(conversation, member_list).frames,
        *chat.of_change(member_list, 1, message).frames,
        *chat.of_read(member_list, mark, {"ann", "bob"}).frames,
        *chat.of_delivered(member_list, mark, {"ann", "bob"}).frames,
        *chat.of_hidden("k", "bob", [1]).frames,
        *chat.of_own("k", ["bob"], "cause").frames,
        *(one for state in CallState for one in calls.of_change(None, call.moved(state, from_text(AT))).frames),
        notifications.created_frame(told, to_resource(told, [author], Marks(1)), Marks(1)),
        notifications.changed_frame(told, to_resource(told, [author], Marks(1)), Marks(1)),
        notifications.removed_frame(told, Marks()),
        notifications.unread_frame("bob", Marks(), read=told),
    ]
    signal = calls.signal_frame("c", "ann", {"epoch": 1, "description": {"type": "offer", "sdp": "v=0"}})
    typing = chat.typing_frame("k", "ann")
    return [*(dict(one.frame) for one in outgoing), calls.call_frame("call.updated", call), signal, typing]


@pytest.mark.parametrize("sent", made(), ids=lambda sent: sent["type"])
def test_frames_match_the_asyncapi_document(sent: dict[str, Any]) -> None:
    assert set(sent) == {"type", "eventId", "at", "data"}
    schema = {"$ref": f"#/components/messages/event.{sent['type']}/payload", "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(json.loads(json.dumps(sent)))


def test_an_undocumented_event_cannot_be_sent() -> None:
    with pytest.raises(ValueError, match="expected one of"):
        frame("chat.shouted", "1", {})
