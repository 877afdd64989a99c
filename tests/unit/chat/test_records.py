"""Lookup of single messages by other contexts: who can see one, and when the lookup returns nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.chat.model import Membership, Message
from services.chat.public import ChatRecords

MESSAGE = Message("01J00000000000000000000000", "c", 4, "ann", "m1", "hi", "2026-01-01T00:00:00.000Z")


class FakeChat:
    """One message, and each member with the first `seq` that they can see."""

    def __init__(self, message: Message, **since: int) -> None:
        self.stored, self.since = message, since

    def message(self, conversation_id: str, seq: int) -> Message | None:
        return self.stored if (conversation_id, seq) == (self.stored.conversation_id, self.stored.seq) else None

    def membership(self, conversation_id: str, user_id: str) -> Membership | None:
        since = self.since.get(user_id)
        return None if since is None else Membership(conversation_id, user_id, 0, since=since)


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ChatRecords:
    message = getattr(request, "param", MESSAGE)
    fake = FakeChat(message, early=1, newcomer=4, later=5)
    monkeypatch.setattr("services.chat.public.ChatRepository", lambda table: fake if table == "chat" else None)
    return ChatRecords("chat")


@pytest.mark.parametrize(
    ("viewer", "sees"), [("early", True), ("newcomer", True), ("later", False), ("stranger", False), (None, True)]
)
def test_a_message_is_visible_to_members_who_joined_before_it(
    records: ChatRecords, viewer: str | None, sees: bool
) -> None:
    assert records.message_seen_by(viewer, "c", 4) == (MESSAGE if sees else None)


def test_an_unknown_message_is_not_found(records: ChatRecords) -> None:
    assert records.message_seen_by(None, "c", 5) is None
    assert records.message_seen_by(None, "d", 4) is None


@pytest.mark.parametrize(
    "records", [replace(MESSAGE, deleted=True), replace(MESSAGE, system={"type": "joined"})], indirect=True
)
def test_deleted_and_system_messages_are_not_found(records: ChatRecords) -> None:
    assert records.message_seen_by(None, "c", 4) is None


@pytest.mark.parametrize("records", [replace(MESSAGE, media=({"id": "m"},))], indirect=True)
def test_a_message_shows_only_its_own_media(records: ChatRecords) -> None:
    assert records.shows_media("c", 4, "m")
    assert not records.shows_media("c", 4, "n")
    assert not records.shows_media("c", 5, "m")
