"""Mozilla's push protocol as Firefox speaks it; ``tests/browser/test_browser_push.py`` tests the real browser."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from emulation.push.app import create_app
from emulation.push.store import PushStore
from emulation.push.subscriptions import bytes_of, text_of
from tests.unit.push.test_push_service import signed

ORIGIN = "http://testserver"
HEADERS = {"ttl": "60", "content-encoding": "aes128gcm"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "push" / "push.sqlite"


@pytest.fixture
def client(database: Path) -> Iterator[TestClient]:
    with TestClient(create_app(PushStore(database))) as made:
        yield made


def hello(socket: WebSocketTestSession, uaid: str | None = None) -> str:
    socket.send_json(
        {"messageType": "hello", "broadcasts": {}, "use_webpush": True, **({"uaid": uaid} if uaid else {})}
    )
    answer = socket.receive_json()
    assert (answer["messageType"], answer["status"], answer["use_webpush"]) == ("hello", 200, True)
    return str(answer["uaid"])


def register(socket: WebSocketTestSession, channel: str, **more: str) -> str:
    socket.send_json({"messageType": "register", "channelID": channel, **more})
    answer = socket.receive_json()
    assert (answer["messageType"], answer["status"], answer["channelID"]) == ("register", 200, channel)
    return str(answer["pushEndpoint"])


def push(client: TestClient, endpoint: str, body: bytes = b"x", **headers: str) -> int:
    sent = HEADERS | {"authorization": signed(aud=ORIGIN)} | headers
    return client.post(endpoint.removeprefix(ORIGIN), content=body, headers=sent).status_code


def ack(socket: WebSocketTestSession, message: dict[str, Any]) -> None:
    update = {"channelID": message["channelID"], "version": message["version"], "code": 100}
    socket.send_json({"messageType": "ack", "updates": [update]})
    ping(socket)


def ping(socket: WebSocketTestSession) -> None:
    """Sends a ping; its answer means that earlier messages are processed."""
    socket.send_text("{}")
    assert socket.receive_json() == {}


def waiting(client: TestClient) -> int:
    return int(client.get("/_health").json()["waiting"])


def test_a_push_reaches_the_browser_as_it_was_encrypted(client: TestClient) -> None:
    key, auth = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    body = http_ece.encrypt(b"hello", dh=point, auth_secret=auth, version="aes128gcm",
                            private_key=ec.generate_private_key(ec.SECP256R1()))  # fmt: skip
    with client.websocket_connect("/") as socket:
        hello(socket)
        channel = str(uuid.uuid4())
        endpoint = register(socket, channel)
        assert push(client, endpoint, body) == 201
        message = socket.receive_json()
        assert (message["channelID"], message["headers"]) == (channel, {"encoding": "aes128gcm"})
        data = bytes_of(message["data"])
        assert http_ece.decrypt(data, private_key=key, auth_secret=auth, version="aes128gcm") == b"hello"
        assert waiting(client) == 1
        ack(socket, message)
        assert waiting(client) == 0
        (shown,) = client.get("/messages").json()
        assert shown["body"] is None and shown["error"] is None and shown["taken_at"]


def test_unacknowledged_pushes_survive_restarts(client: TestClient, database: Path) -> None:
    with client.websocket_connect("/") as socket:
        uaid = hello(socket)
        endpoint = register(socket, "c1")
        assert push(client, endpoint, b"seen, not acknowledged") == 201
        first = socket.receive_json()
    assert push(client, endpoint, b"while it was off") == 201
    virtual = client.post("/subscriptions", json={"origin": ORIGIN}).json()
    with TestClient(create_app(PushStore(database))) as restarted:
        with restarted.websocket_connect("/") as socket:
            assert hello(socket, uaid) == uaid
            again, second = socket.receive_json(), socket.receive_json()
            assert again["version"] == first["version"]
            assert bytes_of(second["data"]) == b"while it was off"
            for message in (again, second):
                ack(socket, message)
        assert waiting(restarted) == 0
        # The subscription and its keys survive a restart of the process.
        assert push(restarted, virtual["endpoint"], b"not encrypted") == 201
        (message,) = restarted.get(f"/subscriptions/{virtual['id']}/messages").json()
        assert message["error"]


def test_a_topic_replaces_the_waiting_push_and_expired_ones_are_dropped(client: TestClient) -> None:
    with client.websocket_connect("/") as socket:
        uaid = hello(socket)
        endpoint = register(socket, "c1")
    for body, headers in ((b"old", {"topic": "t"}), (b"new", {"topic": "t"}), (b"other", {}), (b"late", {"ttl": "0"})):
        assert push(client, endpoint, body, **headers) == 201
    with client.websocket_connect("/") as socket:
        hello(socket, uaid)
        got = [bytes_of(socket.receive_json()["data"]) for _ in range(2)]
        assert got == [b"new", b"other"]
        ping(socket)


def test_an_ended_subscription_is_410_and_its_key_is_enforced(client: TestClient) -> None:
    with client.websocket_connect("/") as socket:
        hello(socket)
        keyed = register(socket, "c1", key=text_of(b"\x04" + bytes(64)))
        assert push(client, keyed) == 403
        endpoint = register(socket, "c2")
        assert register(socket, "c2") == endpoint
        socket.send_json({"messageType": "unregister", "channelID": "c2", "code": 200})
        assert socket.receive_json() == {"messageType": "unregister", "channelID": "c2", "status": 200}
        assert push(client, endpoint) == 410


def test_a_browser_that_cannot_decrypt_is_reported(client: TestClient) -> None:
    with client.websocket_connect("/") as socket:
        hello(socket)
        assert push(client, register(socket, "c1")) == 201
        version = socket.receive_json()["version"]
        socket.send_json({"messageType": "nack", "version": version, "code": 301})
        ping(socket)
    assert (waiting(client), client.get("/messages").json()[0]["error"]) == (0, "the browser could not decrypt it")


def test_an_unknown_browser_gets_a_new_name_and_a_newer_connection_takes_over(client: TestClient) -> None:
    with client.websocket_connect("/") as first:
        uaid = hello(first, "0" * 32)
        assert uaid != "0" * 32
        with client.websocket_connect("/") as second:
            assert hello(second, uaid) == uaid
            with pytest.raises(WebSocketDisconnect):
                first.receive_json()
            assert client.get("/_health").json()["browsers"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "x",
        json.dumps({"messageType": "x"}),
        json.dumps({"messageType": "register"}),
        json.dumps({"a": "x" * 20_000}),
    ],
)
def test_an_invalid_frame_closes_the_connection_with_the_reason(client: TestClient, text: str) -> None:
    for greeted in (False, True):
        with client.websocket_connect("/") as socket:
            if greeted:
                hello(socket)
            socket.send_text(text)
            with pytest.raises(WebSocketDisconnect) as ended:
                socket.receive_json()
        assert (ended.value.code, "expected" in ended.value.reason) == (4400 if greeted else 4401, True)
