"""The push service against the pusher's sender: encryption, VAPID identification, and refusals."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient

from emulation.push.app import create_app
from emulation.push.store import PushStore
from emulation.push.subscriptions import text_of
from services.notifications.adapter import WebPush
from services.notifications.devices import Device, DeviceGone, PushFailed
from services.notifications.preferences import Channel

ORIGIN = "http://testserver:80"
PAYLOAD = {"title": "Ann さん", "body": "hello", "url": "/messages/1", "tag": "message#1"}


class Session:
    """The part of ``requests.Session`` that the sender uses, on a test client."""

    def __init__(self, client: TestClient) -> None:
        self._client = client

    def post(self, url: str, data: bytes, headers: dict[str, str], timeout: float) -> requests.Response:
        answer = self._client.post(url, content=data, headers={name: str(value) for name, value in headers.items()})
        result = requests.Response()
        result.status_code, result.reason, result._content = answer.status_code, "", answer.content
        return result


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(PushStore())) as made:
        yield made


@pytest.fixture
def sender(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> WebPush:
    key = ec.generate_private_key(ec.SECP256R1())
    private = text_of(key.private_numbers().private_value.to_bytes(32, "big"))
    made = WebPush(lambda: private, "mailto:a@example.com", ["testserver:80"])
    monkeypatch.setitem(made.__dict__, "_session", Session(client))
    return made


def subscribe(client: TestClient, **options: str) -> tuple[str, Device]:
    made = client.post("/subscriptions", json={"origin": "http://testserver:80", **options}).json()
    return made["id"], Device(
        "bob", Channel.WEB_PUSH, made["endpoint"], "", made["keys"]["p256dh"], made["keys"]["auth"]
    )


def test_a_push_is_decrypted_as_the_browser_would(client: TestClient, sender: WebPush) -> None:
    name, subscription = subscribe(client)
    sender.send(subscription, PAYLOAD)
    (message,) = client.get(f"/subscriptions/{name}/messages").json()
    assert json.loads(message["body"]) == PAYLOAD
    assert (message["error"], message["subject"]) == (None, "mailto:a@example.com")
    assert message["headers"]["ttl"] == "86400"
    assert client.get("/messages").json() == [message]
    assert client.get("/_health").json()["messages"] == 1


def test_a_push_to_a_removed_browser_is_410_and_other_errors_fail(client: TestClient, sender: WebPush) -> None:
    name, subscription = subscribe(client)
    client.put(f"/subscriptions/{name}/behaviour", json={"status": 503})
    with pytest.raises(PushFailed, match="503"):
        sender.send(subscription, PAYLOAD)
    client.put(f"/subscriptions/{name}/behaviour", json={"status": None})
    sender.send(subscription, PAYLOAD)
    assert client.delete(f"/subscriptions/{name}").status_code == 204
    with pytest.raises(DeviceGone):
        sender.send(subscription, PAYLOAD)
    assert client.delete(f"/subscriptions/{name}").status_code == 404


def test_only_the_key_that_was_subscribed_with_may_push(client: TestClient, sender: WebPush) -> None:
    _, subscription = subscribe(client, application_server_key=text_of(b"\x04" + bytes(64)))
    with pytest.raises(PushFailed, match="403"):
        sender.send(subscription, PAYLOAD)


def signed(**changes: Any) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    claims = {"aud": ORIGIN, "exp": int(time.time()) + 3600, "sub": "mailto:a@example.com"} | changes
    return f"vapid t={jwt.encode(claims, key, algorithm='ES256')}, k={text_of(point)}"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer x"}, 401),
        ({"authorization": "vapid t=x, k=y"}, 403),
        ({"authorization": signed(aud="https://elsewhere")}, 403),
        ({"authorization": signed(exp=int(time.time()) - 10)}, 403),
        ({"authorization": signed(exp=int(time.time()) + 90_000)}, 403),
        ({"authorization": signed(sub="me")}, 403),
        ({"authorization": signed().rsplit("k=", 1)[0] + signed().rsplit(", ", 1)[1]}, 403),
        ({"ttl": ""}, 400),
        ({"content-encoding": "aesgcm"}, 400),
        ({"topic": "x" * 33}, 400),
        ({}, 201),
    ],
)
def test_invalid_push_requests_are_refused_as_by_push_services(
    client: TestClient, changes: dict[str, str], status: int
) -> None:
    name, _ = subscribe(client)
    headers = {"authorization": signed(), "ttl": "60", "content-encoding": "aes128gcm"} | changes
    assert client.post(f"/push/{name}", content=b"x", headers=headers).status_code == status


def test_a_push_is_at_most_4096_bytes(client: TestClient) -> None:
    name, _ = subscribe(client)
    headers = {"authorization": signed(), "ttl": "60", "content-encoding": "aes128gcm"}
    assert client.post(f"/push/{name}", content=bytes(4097), headers=headers).status_code == 413
    assert client.post("/push/unknown", content=b"", headers=headers).status_code == 410
