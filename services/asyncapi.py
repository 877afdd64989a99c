"""The WebSocket protocol as an AsyncAPI 3.0 document, from the models that check the frames.

``python -m services.asyncapi`` writes ``docs/asyncapi.json``; a test holds that the committed one is current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from services.calls import api as calls
from services.calls.api import CallSignalEvent
from services.calls.resources import CallEvent, RingingEvent
from services.calls.room_api import RoomSignalEvent, build_room_actions
from services.calls.room_resources import RoomEvent
from services.chat import handler as chat
from services.chat.resources import (
    ChatChangedEvent,
    ChatDeliveredEvent,
    ChatHiddenEvent,
    ChatMessageEvent,
    ChatReadEvent,
    ChatTypingEvent,
    ChatUpdatedEvent,
)
from services.chat.settings import CommandsSettings
from services.chat.socket_api import build_actions
from services.common.outbox import EVENT_TYPES
from services.common.resources import Problem
from services.common.sockets import ACTIONS, SocketAction
from services.live.resources import LiveMessageEvent, LiveUpdatedEvent
from services.media.resources import MediaUpdatedEvent
from services.notifications.resources import (
    NotificationChangedEvent,
    NotificationCreatedEvent,
    NotificationRemovedEvent,
    NotificationUnreadEvent,
)
from services.openapi.schemas import schemas_of
from services.realtime import api as realtime
from services.realtime.public import MAX_FRAME_BYTES
from services.timelines.resources import TimelinePostedEvent

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "asyncapi.json"
_ANSWERS = {
    "ack": "The action was done.",
    "pong": "The connection is open. `data.resume`: it had been forgotten; fetch what may have been missed.",
}


#: Each server event with the shape of its `data`.
EVENTS: dict[str, Any] = {
    "chat.changed": ChatChangedEvent,
    "chat.delivered": ChatDeliveredEvent,
    "chat.hidden": ChatHiddenEvent,
    "chat.message": ChatMessageEvent,
    "chat.read": ChatReadEvent,
    "chat.typing": ChatTypingEvent,
    "chat.updated": ChatUpdatedEvent,
    "notification.changed": NotificationChangedEvent,
    "notification.created": NotificationCreatedEvent,
    "notification.removed": NotificationRemovedEvent,
    "notification.unread": NotificationUnreadEvent,
    "timeline.posted": TimelinePostedEvent,
    "media.updated": MediaUpdatedEvent,
    "call.ringing": RingingEvent,
    "call.accepted": CallEvent,
    "call.ended": CallEvent,
    "call.updated": CallEvent,
    "call.signal": CallSignalEvent,
    "room.signal": RoomSignalEvent,
    "room.updated": RoomEvent,
    "live.updated": LiveUpdatedEvent,
    "live.message": LiveMessageEvent,
}


def actions() -> dict[str, SocketAction]:
    """Every action that some context serves."""
    nothing = cast(Any, None)  # Described only, never run.
    described = chat.build_commands(CommandsSettings.placeholders())
    served = (
        realtime.build_actions(nothing),
        build_actions(described),
        calls.build_actions(nothing, nothing),
        build_room_actions(nothing),
    )
    return {name: action for one in served for name, action in one.table().items()}


def document() -> dict[str, Any]:
    """The AsyncAPI document. https://www.asyncapi.com/docs/reference/specification/v3.0.0"""
    served = actions()
    assert set(served) == set(ACTIONS), sorted(set(served) ^ set(ACTIONS))
    assert set(EVENTS) == set(EVENT_TYPES), sorted(set(EVENTS) ^ set(EVENT_TYPES))
    shapes, schemas = schemas_of(
        [
            *((one.model, "validation") for one in served.values()),
            *((one, "serialization") for one in EVENTS.values()),
            (Problem, "serialization"),
        ]
    )
    messages = {
        **{name: _action_message(name, one, shapes) for name, one in served.items()},
        **{f"event.{name}": _event_message(name, model, shapes) for name, model in EVENTS.items()},
        **_answers(shapes[Problem]),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "asyncsns real time",
            "version": "1",
            "description": f"JSON text frames of at most {MAX_FRAME_BYTES} bytes. Events come at least once: remember "
            "`eventId`. `ping` more often than every 10 minutes; reconnect before 2 hours have passed.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "aws": {"host": "{apiId}.execute-api.{region}.amazonaws.com", "pathname": "/live", "protocol": "wss",
                    "variables": {"apiId": {}, "region": {"default": "us-east-1"}}},
            "local": {"host": "localhost:8081", "pathname": "/_ws/{apiId}/live", "protocol": "ws",
                      "variables": {"apiId": {"default": "a5c0de02"}}},
            "localWebTransport": {"host": "127.0.0.1:8085", "pathname": "/live", "protocol": "https",
                                  "description": "WebTransport over HTTP/3: one bidirectional stream, each message "
                                  "after its length in four bytes, big-endian; the client begins with a length of 0."},
        },
        "channels": {"live": _channel(messages)},
        "operations": _operations(served),
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }  # fmt: skip


def _channel(messages: dict[str, Any]) -> dict[str, Any]:
    ticket = {"type": "string", "description": "From `POST /v1/realtime/tickets`; works once, for 30 seconds."}
    query = {"type": "object", "required": ["ticket"], "properties": {"ticket": ticket}}
    return {
        "address": "/",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"query": query}},
    }


def _operations(served: dict[str, SocketAction]) -> dict[str, Any]:
    """From the server's side: it receives actions and sends events."""
    live = {"$ref": "#/channels/live"}
    found: dict[str, Any] = {}
    for name, action in sorted(served.items()):
        answers = [{"$ref": f"#/channels/live/messages/{one}"} for one in (action.answer, "error")]
        found[f"receive.{name}"] = {
            "action": "receive",
            "channel": live,
            "messages": [{"$ref": f"#/channels/live/messages/{name}"}],
            "reply": {"channel": live, "messages": answers},
        }
    for name in sorted(EVENTS):
        message = {"$ref": f"#/channels/live/messages/event.{name}"}
        found[f"send.{name}"] = {"action": "send", "channel": live, "messages": [message]}
    return found


def _action_message(name: str, action: SocketAction, shapes: dict[Any, Any]) -> dict[str, Any]:
    identifier = {"type": "string", "minLength": 1, "maxLength": 64, "description": "Comes back in the answer."}
    trace = {
        "type": "string",
        "description": "The trace that the action is part of: `Root=…;Parent=…`, as X-Ray has it.",
    }
    properties = {"action": {"const": name}, "id": identifier, "data": shapes[action.model], "trace": trace}
    return _message(name, action.model.__doc__, properties, ["action", "id", "data"])


def _event_message(name: str, model: Any, shapes: dict[Any, Any]) -> dict[str, Any]:
    properties = {
        "type": {"const": name},
        "eventId": {"type": "string", "description": "The same for the same event, however often it comes."},
        "at": {"type": "string", "format": "date-time"},
        "data": shapes[model],
        "trace": {"type": "string", "description": "The trace that the event is part of, where it is recorded."},
    }
    return _message(name, model.__doc__, properties, ["type", "eventId", "at", "data"])


def _answers(problem: Any) -> dict[str, Any]:
    identifier = {"type": "string", "description": "The `id` of the frame that is answered; empty if it had none."}
    found = {}
    for name in ("ack", "pong"):
        properties = {"type": {"const": name}, "id": identifier, "data": {"type": "object"}}
        found[name] = _message(name, _ANSWERS[name], properties, ["type", "id", "data"])
    properties = {"type": {"const": "error"}, "id": identifier, "error": problem}
    found["error"] = _message("error", "The action was refused.", properties, ["type", "id", "error"])
    return found


def _message(name: str, about: str | None, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    payload = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "summary": " ".join((about or "").split()), "payload": payload}


def text() -> str:
    """What is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text(), "utf-8")
