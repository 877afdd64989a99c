"""Keys are rotated with overlap: signatures of the old key are accepted until they expire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.constructs import edge_security
from services.common import signed_urls
from services.notifications.adapter import WebPush, former_key_of, private_key_of
from services.notifications.devices import DeviceGone, PushFailed


def _pair() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def test_the_signer_finds_the_id_of_the_key_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    (old, old_public), (new, new_public) = _pair(), _pair()
    ids = {edge_security.fingerprint(old_public): "KOLD", edge_security.fingerprint(new_public): "KNEW"}
    where = json.dumps({"origin": "https://sns.example", "keyPairId": "KOLD", "distributionId": "D", "keys": ids})

    class Kept:
        secret = old

        def get_parameter(self, **_: Any) -> dict[str, Any]:
            return {"Parameter": {"Value": where}}

        def get_secret_value(self, **_: Any) -> dict[str, str]:
            return {"SecretString": self.secret}

    monkeypatch.setenv("MEDIA_ACCESS_PARAMETER", "/asyncsns/media-access")
    monkeypatch.setenv("MEDIA_SIGNING_SECRET", "asyncsns/media-signing")
    monkeypatch.setattr(signed_urls, "client", lambda _: Kept())
    assert signed_urls._load().key_pair_id == "KOLD"
    monkeypatch.setattr(Kept, "secret", new)
    assert signed_urls._load().key_pair_id == "KNEW"


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
