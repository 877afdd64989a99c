"""WebSocket actions: parse a frame, validate it, run the action, answer with an ack or an error frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from services.common.aws_errors import unavailable
from services.common.claims import Viewer, viewer_of_socket
from services.common.errors import AppError, BadRequest, FieldError
from services.common.http import Body, field_errors
from services.common.lazy_dataclasses import dataclass
from services.common.limits import CommandLimits
from services.common.observability import logger, note
from services.common.tracing import cause_of_client, continued

B = TypeVar("B", bound=Body)
_ID_LIMIT = 64
#: Every action of the protocol, whichever context serves it: each is a route key of the WebSocket API.
ACTIONS = (
    "call.accept",
    "call.current",
    "call.decline",
    "call.hangup",
    "call.here",
    "call.leave",
    "call.signal",
    "call.start",
    "chat.delivered",
    "chat.presence",
    "chat.read",
    "chat.send",
    "chat.typing",
    "ping",
    "room.here",
    "room.join",
    "room.leave",
    "room.read",
    "room.signal",
)


class Replies(Protocol):
    """The part of the transport port that answers the sending device."""

    def reply(self, device: str, frame: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class SocketRequest:
    """``device`` is the sender's opaque device id: for answers and to leave it out of what goes to the others."""

    viewer: Viewer
    device: str


@dataclass(frozen=True)
class SocketAction:
    """One action: the model of its ``data``, what it does, and the ``type`` of the answer."""

    model: type[Body]
    run: Callable[[SocketRequest, Any], Mapping[str, Any] | None]
    answer: str = "ack"


class SocketActions:
    """Table of the actions of one context: ``actions.on("chat.send", Model, function)``."""

    def __init__(self) -> None:
        self._actions: dict[str, SocketAction] = {}

    def table(self) -> Mapping[str, SocketAction]:
        """Action by name: also the source of the AsyncAPI document."""
        return self._actions

    def on(
        self,
        name: str,
        model: type[B],
        run: Callable[[SocketRequest, B], Mapping[str, Any] | None],
        answer: str = "ack",
    ) -> None:
        """Register ``run``; what it returns becomes the ``data`` of the answer.

        Raises:
            ValueError: ``name`` is no action of the protocol.
        """
        if name not in ACTIONS:
            raise ValueError(f"expected one of {ACTIONS}, got {name!r}")
        self._actions[name] = SocketAction(model, run, answer)

    def include(self, other: SocketActions) -> SocketActions:
        """These and those of ``other``."""
        self._actions |= other.table()
        return self

    def dispatch(self, event: Mapping[str, Any], replies: Replies, limits: CommandLimits) -> dict[str, Any]:
        """Handle one ``MESSAGE`` event of a WebSocket API; every failure becomes an error frame to the sender."""
        device = str(event["requestContext"]["connectionId"])
        frame_id = ""
        try:
            frame = _parse(event.get("body"))
            frame_id = frame["id"]
            name = frame["action"]
            action = self._actions.get(name)
            if action is None:
                fault = FieldError("action", f"one of {', '.join(ACTIONS)}", repr(name)[:64])
                raise BadRequest("Unknown action.", fault)
            note(operation=name)
            request = SocketRequest(viewer_of_socket(event), device)
            limits.admit_action(request.viewer.user_id, name)
            with continued(cause_of_client(frame.get("trace"))):
                data = action.run(request, _validate(action.model, frame.get("data", {})))
            replies.reply(device, {"type": action.answer, "id": frame_id, "data": dict(data or {})})
        except AppError as error:
            note(status=error.status)
            replies.reply(device, {"type": "error", "id": frame_id, "error": error.to_problem()})
        except Exception as error:
            logger.exception("unexpected error in a socket action", exc_info=error)
            told = unavailable(error) or AppError()
            note(status=told.status)
            replies.reply(device, {"type": "error", "id": frame_id, "error": told.to_problem()})
        return {"statusCode": 200}


def _parse(body: Any) -> dict[str, Any]:
    expected = 'a JSON object {"action": text, "id": text of 1 to 64 printable characters, "data": object}'
    try:
        frame = json.loads(body or "")
    except (ValueError, RecursionError) as error:
        raise BadRequest("The frame is not JSON.", FieldError("frame", expected, str(body)[:64])) from error
    if not isinstance(frame, dict):
        raise BadRequest("The frame is not an object.", FieldError("frame", expected, type(frame).__name__))
    for name in ("action", "id"):
        value = frame.get(name)
        # Printable: the answer repeats the id, and a lone surrogate can't be sent.
        if not isinstance(value, str) or not 0 < len(value) <= _ID_LIMIT or not value.isprintable():
            raise BadRequest("The frame is incomplete.", FieldError(name, expected, repr(value)[:64]))
    return frame


def _validate(model: type[B], data: Any) -> B:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise BadRequest("The data does not match this action.", *field_errors(error.errors())) from error
