"""The mailbox: the newest mails, and only later ones at the next look."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from emulation.console.mails import KEPT, Mails
from emulation.emulator import mailbox


def mail(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "MessageId": f"m{number}", "To": ["a@example.com"], "CC": [], "BCC": ["b@example.com"], "Subject": f"s{number}",
        "BodyText": "text", "BodyHtml": None, "Timestamp": float(number),
    } | changes  # fmt: skip


class Sent:
    """MiniStack's service with the mails of two regions."""

    def __init__(self) -> None:
        self.here: list[dict[str, Any]] = []
        self.there: list[dict[str, Any]] = []
        self._sent_emails = SimpleNamespace(_data={("a", "x", "entries"): self.here, ("a", "y", "entries"): self.there})


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    service = Sent()
    monkeypatch.setitem(sys.modules, "ministack.services.ses", service)
    return service


class Emulator:
    """Answers as the emulator does, and counts the mails of each answer."""

    def __init__(self) -> None:
        self.answered: list[int] = []
        self.mails = Mails(httpx.Client(base_url="http://emulator", transport=httpx.MockTransport(self._answer)))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/_asyncsns/mails"
        found = mailbox.shown(request.url.params["after"])
        self.answered.append(len(found["mails"]))
        return httpx.Response(200, json=found)


def test_only_mails_of_after_the_last_look_are_asked_for(sent: Sent) -> None:
    emulator = Emulator()
    assert emulator.mails.newest() == []
    sent.here += [mail(number) for number in range(KEPT + 50)]
    ids = [one["id"] for one in emulator.mails.newest()]
    assert ids == [f"m{number}" for number in reversed(range(50, KEPT + 50))]
    sent.there.append(mail(1_000, RenderedSubject="of a template", BodyText="", BodyHtml="<p>html</p>"))
    newest = emulator.mails.newest()
    assert [one["id"] for one in newest] == ["m1000", *ids[:-1]]
    assert newest[0] == {
        "id": "m1000", "to": "a@example.com, b@example.com", "subject": "of a template", "body": "<p>html</p>",
        "at": 1_000.0,
    }  # fmt: skip
    assert emulator.mails.newest() == newest
    assert emulator.answered == [0, KEPT, 1, 0]


def test_a_mail_of_a_clock_that_was_set_back_is_not_missed(sent: Sent) -> None:
    emulator = Emulator()
    sent.here.append(mail(500))
    emulator.mails.newest()
    sent.here.append(mail(3))
    assert [one["id"] for one in emulator.mails.newest()] == ["m3", "m500"]


def test_what_an_emptied_emulator_no_longer_has_is_not_shown(sent: Sent) -> None:
    emulator = Emulator()
    sent.here += [mail(1), mail(2)]
    assert len(emulator.mails.newest()) == 2
    sent.here.clear()
    assert emulator.mails.newest() == []
    sent.here.append(mail(3))
    assert [one["id"] for one in emulator.mails.newest()] == ["m3"]


def test_before_the_first_mail_the_service_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ministack.services.ses", raising=False)
    assert mailbox.shown() == {"known": False, "mails": []}
    assert "ministack.services.ses" not in sys.modules
