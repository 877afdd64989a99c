from __future__ import annotations

import pytest

from services.chat import handler as functions
from services.chat.privacy import ChatPrivacy
from tests.support.aws import Aws
from tests.support.chat_room import Library, Room
from tests.support.directory import FakePeople
from tests.support.transport import FakeTransport


@pytest.fixture
def room(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Everyone is known, and all follow each other unless a test says otherwise."""
    made = Room(FakePeople(), Library(), FakeTransport())
    monkeypatch.setattr(functions.ports, "people", made.people)
    monkeypatch.setattr(functions.ports, "privacy", ChatPrivacy(functions.ports.settings, made.people))
    monkeypatch.setattr(functions.ports, "media", made.library)
    monkeypatch.setattr(functions, "transport", lambda: made.transport)
    return made
