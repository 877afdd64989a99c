"""The socket actions by context, as the functions serve them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from services.calls import handler as calls
from services.calls.room_api import build_room_actions
from services.calls.settings import CallSettings
from services.chat import handler as chat
from services.chat.settings import CommandsSettings
from services.common.sockets import SocketActions
from services.realtime.api import build_actions as realtime_actions
from services.realtime.public import transport


@cache
def served() -> Mapping[str, SocketActions]:
    """Actions composed from the environment, as at a cold start."""
    calling = CallSettings.read()
    return {
        "chat": chat.build_actions(chat.build_commands(CommandsSettings.read())),
        "call": calls.build_actions(calls.build_commands(calling), calls.build_queries(calling)),
        "room": build_room_actions(calls.build_rooms(calling)),
        "ping": realtime_actions(lambda: transport()),
    }


class Replies:
    """The answers to the device that sent a frame."""

    def __init__(self) -> None:
        self.frames: list[Any] = []

    def reply(self, _: str, frame: Any) -> None:
        self.frames.append(frame)
