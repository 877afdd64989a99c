"""Small shared modules: secrets, queues, relations, ids, and the rights of suspended people."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.common import held_secret, ids, queues
from services.common.held_secret import RELOAD_SECONDS, HeldSecret
from services.common.relations import NO_RELATION, Relation, relation_of
from services.common.standing import is_open_action, is_open_request
from services.common.text import folded


class Vault:
    """A fake Secrets Manager with one secret that changes at each read; ``down`` makes it unavailable."""

    def __init__(self) -> None:
        self.reads, self.down, self.time = 0, False, 0.0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        assert SecretId == "turn"
        if self.down:
            raise ConnectionError
        self.reads += 1
        return {"SecretString": f"secret-{self.reads}"}


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    made = Vault()
    monkeypatch.setattr(held_secret, "client", lambda service: made if service == "secretsmanager" else None)
    return made


def test_a_secret_is_read_on_first_use_and_reloaded_after_its_time(vault: Vault) -> None:
    held = HeldSecret("turn", lambda: vault.time)
    assert (vault.reads, held.read(), held.read()) == (0, "secret-1", "secret-1")
    vault.time = RELOAD_SECONDS - 0.1
    assert held.read() == "secret-1"
    vault.time = RELOAD_SECONDS
    assert (held.read(), held.read()) == ("secret-2", "secret-2")


def test_a_secret_that_cannot_be_reloaded_stays_in_use(vault: Vault) -> None:
    held = HeldSecret("turn", lambda: vault.time)
    held.read()
    vault.time, vault.down = RELOAD_SECONDS, True
    assert held.read() == "secret-1"
    with pytest.raises(ConnectionError):
        HeldSecret("turn").read()
    assert HeldSecret("").read() == ""


def test_a_message_is_compact_json_with_its_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    sqs = SimpleNamespace(send_message=lambda **request: sent.append(request))
    monkeypatch.setattr(queues, "client", lambda service: sqs if service == "sqs" else None)
    queues.send("url", {"a": ["雪", 1]})
    queues.send("url", {}, 0)
    assert sent == [
        {"QueueUrl": "url", "MessageBody": '{"a":["雪",1]}'},
        {"QueueUrl": "url", "MessageBody": "{}", "DelaySeconds": 0},
    ]


@pytest.mark.parametrize(
    ("edge", "relation"),
    [
        (None, NO_RELATION),
        ({}, NO_RELATION),
        ({"following": True}, Relation(follows=True)),
        ({"blocks": True}, Relation(blocked=True)),
        ({"blockedBy": True, "following": False}, Relation(blocked=True)),
        ({"muting": True}, NO_RELATION),
    ],
)
def test_a_relation_shows_blocks_of_either_side(edge: Any, relation: Relation) -> None:
    assert relation_of(edge) == relation


@pytest.mark.parametrize(
    ("method", "path", "is_open"),
    [
        ("GET", "/v1/timelines/home", True),
        ("GET", "/v1/moderation/cases", False),
        ("GET", "/v1/calls/ice-servers", False),
        ("POST", "/v1/appeals", True),
        ("POST", "/v1/appeals/x", False),
        ("POST", "/v1/posts", False),
        ("POST", "/v1/calls/x/hangup", True),
        ("POST", "/v1/me/export", True),
        ("PUT", "/v1/notifications/read", True),
        ("PUT", "/v1/notifications/preferences", False),
        ("DELETE", "/v1/push-subscriptions/x", True),
        ("DELETE", "/v1/posts/x", False),
    ],
)
def test_suspended_people_read_appeal_and_leave(method: str, path: str, is_open: bool) -> None:
    assert is_open_request(method, path) is is_open


def test_suspended_people_hang_up() -> None:
    assert [is_open_action(one) for one in ("ping", "call.hangup", "call.start")] == [True, True, False]


def test_an_id_contains_its_time() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert ids.time_of(ids.id_at(moment)) == moment
    assert ids.is_id(ids.id_at(moment))
    assert ids.is_user_id("00000000-0000-0000-0000-00000000000a")
    assert not ids.is_user_id("00000000-0000-0000-0000-00000000000A")


@pytest.mark.parametrize(
    ("text", "same"), [("Ｃａｔ", "cat"), ("Straße", "strasse"), ("ﾃｽﾄ", "テスト"), ("é", "e\u0301")]
)
def test_texts_are_compared_without_case_width_and_form(text: str, same: str) -> None:
    assert folded(text) == folded(same)
    assert folded(text) == folded(folded(text))
