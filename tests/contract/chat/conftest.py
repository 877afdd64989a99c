from __future__ import annotations

import pytest

from services.chat import handler as functions
from services.chat.commands import ChatCommands
from services.chat.privacy import ChatPrivacy
from tests.support.aws import Aws
from tests.support.chat_room import Library, Room, composed
from tests.support.directory import FakePeople
from tests.support.transport import FakeTransport


@pytest.fixture
def room(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A room in which everyone has a profile and all follow each other, unless a test changes that."""
    made = Room(FakePeople(), Library(), FakeTransport())
    ports, handler = composed(fresh.process.url)
    ports.people, ports.privacy, ports.media = made.people, ChatPrivacy(ports.settings, made.people), made.library
    monkeypatch.setattr(functions, "build_ports", lambda settings: ports)
    monkeypatch.setattr(functions, "commands", ChatCommands(ports), raising=False)
    monkeypatch.setattr(functions, "handler", handler)
    monkeypatch.setattr(functions, "transport", lambda: made.transport)
    return made
