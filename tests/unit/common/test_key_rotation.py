"""Keys are rotated with overlap: signatures of the old key are accepted until they expire."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from services.common import signed_urls
from services.common.signed_urls import Access
from services.notifications.adapter import WebPush, former_key_of, private_key_of
from services.notifications.devices import DeviceGone, PushFailed
from tests.support.keys import private_pem, public_der, rsa_key


def test_the_signer_finds_the_id_of_the_key_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"KOLD": rsa_key(0), "KNEW": rsa_key(1)}
    old, new = map(private_pem, keys.values())
    ids = {sha256(public_der(key)).hexdigest(): name for name, key in keys.items()}
    where = json.dumps({"origin": "https://sns.example", "keyPairId": "KOLD", "distributionId": "D", "keys": ids})

    class Parameters:
        value = where

        def get_parameter(self, Name: str) -> dict[str, Any]:
            assert Name == "/asyncsns/media-access"
            return {"Parameter": {"Value": self.value}}

    class Secrets:
        value = old

        def get_secret_value(self, SecretId: str) -> dict[str, str]:
            assert SecretId == "asyncsns/media-signing"
            return {"SecretString": self.value}

    monkeypatch.setenv("MEDIA_ACCESS_PARAMETER", "/asyncsns/media-access")
    monkeypatch.setenv("MEDIA_SIGNING_SECRET", "asyncsns/media-signing")
    kept = {"ssm": Parameters(), "secretsmanager": Secrets()}
    monkeypatch.setattr(signed_urls, "client", kept.__getitem__)
    assert signed_urls._load() == Access("https://sns.example", "KOLD", old)
    monkeypatch.setattr(Secrets, "value", new)
    assert signed_urls._load() == Access("https://sns.example", "KNEW", new)
    monkeypatch.setattr(Parameters, "value", json.dumps({"origin": "https://sns.example", "keyPairId": "KONLY"}))
    assert signed_urls._load() == Access("https://sns.example", "KONLY", new), "before the first rotation"


def test_the_signers_key_is_read_every_five_minutes_and_kept_when_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (Access("https://sns.example", name, "pem") for name in ("KOLD", "KNEW"))
    plan: list[Access | Exception] = [OSError("not yet"), old, OSError("down"), new]
    clock = SimpleNamespace(now=1_000.0)

    def load() -> Access:
        found = plan.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(signed_urls, "_held", None)
    monkeypatch.setattr(signed_urls, "_load", load)
    monkeypatch.setattr(signed_urls, "time", SimpleNamespace(monotonic=lambda: clock.now))
    with pytest.raises(OSError, match="not yet"):
        signed_urls._access()
    found = []
    for seconds in (0, 299, 1, 299, 1, 299):
        clock.now += seconds
        found.append((signed_urls._access().key_pair_id, len(plan)))
    assert found == [("KOLD", 2), ("KOLD", 2), ("KOLD", 1), ("KOLD", 1), ("KNEW", 0), ("KNEW", 0)]


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, int | None]], tuple[WebPush, list[str]]]:
    """A sender whose push service answers depending on the key."""

    def made(answers: dict[str, int | None]) -> tuple[WebPush, list[str]]:
        tried: list[str] = []
        secret = json.dumps({"private": "new", "public": "p", "former": {"private": "old", "public": "q"}})
        web = WebPush(lambda: private_key_of(secret), "mailto:a@example.com", ["push.example"])
        web.former_key = lambda: former_key_of(secret)

        def push(_: Any, __: Any, key: str) -> int | None:
            tried.append(key)
            return answers[key]

        monkeypatch.setattr(web, "_push", push)
        monkeypatch.setattr("services.notifications.adapter.check_endpoint", lambda *_: None)
        return web, tried

    return made


class _Anything:
    id = address = p256dh = auth = "x"


def test_a_subscription_of_the_former_key_still_gets_pushes(sender: Any) -> None:
    web, tried = sender({"new": 403, "old": None})
    web.send(_Anything(), {"tag": "t"})
    assert tried == ["new", "old"]


def test_a_push_accepted_with_the_current_key_is_sent_once(sender: Any) -> None:
    web, tried = sender({"new": None, "old": None})
    web.send(_Anything(), {"tag": "t"})
    assert tried == ["new"]


def test_an_ended_subscription_is_not_retried_and_other_failures_are_raised(sender: Any) -> None:
    web, tried = sender({"new": 410, "old": None})
    with pytest.raises(DeviceGone):
        web.send(_Anything(), {"tag": "t"})
    assert tried == ["new"]
    web, _ = sender({"new": 403, "old": 403})
    with pytest.raises(PushFailed, match="403"):
        web.send(_Anything(), {"tag": "t"})


def test_a_secret_without_a_rotation_has_no_former_key() -> None:
    assert former_key_of('{"private": "a", "public": "b"}') == ""
