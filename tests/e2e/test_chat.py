"""Chat between people with several devices: live, in one order, without gaps after a reconnect."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.client import Endpoints, Socket
from kit.client.socket import Frame, SocketError
from tests.support.people import Person, Town, eventually


def opened(ann: Person, bob: Person) -> str:
    """A conversation that needs no acceptance: the other person follows the one who begins it."""
    bob.follow(ann)
    return str(ann.api.post("/v1/conversations", {"memberId": bob.id})["id"])


def message(conversation: str, text: str) -> dict[str, str]:
    return {"conversationId": conversation, "clientMessageId": uuid.uuid4().hex, "text": text}


def seen(socket: Socket, conversation: str) -> list[int]:
    """The ``seq`` of the messages that this device received, in order of arrival, without duplicates."""
    frames = [frame for _, frame in socket.events if frame["type"] == "chat.message"]
    messages = {frame["eventId"]: frame["data"]["message"] for frame in frames}
    return [one["seq"] for one in messages.values() if one["conversationId"] == conversation]


def test_a_message_reaches_every_device_of_both(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    ann.follow(bob)
    conversation = opened(ann, bob)
    assert bob.api.post("/v1/conversations", {"memberId": ann.id})["id"] == conversation
    with (
        Socket(endpoints, ann.api) as phone,
        Socket(endpoints, ann.api) as desk,
        Socket(endpoints, bob.api) as other,
    ):
        sent = phone.send("chat.send", message(conversation, "こんにちは 👋"))["message"]
        assert (sent["seq"], sent["senderId"]) == (1, ann.id)
        for device in (phone, desk, other):
            assert device.wait("chat.message")["data"]["message"] == sent
        other.send("chat.typing", {"conversationId": conversation})
        for device in (phone, desk):
            typing = device.wait("chat.typing")["data"]
            assert typing == {"conversationId": conversation, "userId": bob.id}
        other.send("chat.read", {"conversationId": conversation, "seq": 1})
        other.send("chat.delivered", {"conversationId": conversation, "seq": 1})
        for device in (phone, desk):
            assert device.wait("chat.delivered")["data"]["userId"] == bob.id
        for device in (phone, desk, other):
            assert device.wait("chat.read")["data"] == {"conversationId": conversation, "userId": bob.id, "seq": 1}
        answer = bob.api.post(f"/v1/conversations/{conversation}/messages", {"clientMessageId": "h1", "text": "Hi"})
        phone.wait("chat.message", lambda data: data["message"] == answer)
        assert [frame for _, frame in other.events if frame["type"] == "chat.typing"] == []


def test_everyone_sees_one_order_of_concurrent_messages(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    conversation = opened(ann, bob)
    with Socket(endpoints, ann.api) as phone, Socket(endpoints, bob.api) as other, ThreadPoolExecutor(4) as pool:
        sending = [
            pool.submit(device.send, "chat.send", message(conversation, f"{number}"))
            for number in range(5)
            for device in (phone, other)
        ]
        assert sorted(future.result()["message"]["seq"] for future in sending) == list(range(1, 11))
        for device in (phone, other):
            device.wait("chat.message", lambda data: data["message"]["seq"] == 10)
            assert seen(device, conversation) == list(range(1, 11))


def test_a_returning_device_resumes_without_a_gap(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    conversation = opened(ann, bob)
    path = f"/v1/conversations/{conversation}/messages"
    ann.api.post(path, {"clientMessageId": "m0", "text": "before"})
    cursor = bob.api.get(path)["newer"]
    for number in range(1, 8):
        ann.api.post(path, {"clientMessageId": f"m{number}", "text": f"while away {number}"})
    with Socket(endpoints, bob.api) as device:
        ann.api.post(path, {"clientMessageId": "m8", "text": "after"})
        missed: list[int] = []
        while len(missed) < 8:
            page = bob.api.get(path, cursor=cursor, limit=3)
            assert page["items"], f"a gap after {missed}"
            missed += [one["seq"] for one in reversed(page["items"])]
            cursor = page["newer"]
        assert missed == list(range(2, 10))
        device.wait("chat.message", lambda data: data["message"]["seq"] == 9)


def test_a_message_sent_twice_is_one(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    conversation = opened(ann, bob)
    once = message(conversation, "once")
    with Socket(endpoints, ann.api) as socket:
        first = socket.send("chat.send", once)["message"]
        assert socket.send("chat.send", once)["message"] == first
    page = bob.api.get(f"/v1/conversations/{conversation}/messages")
    assert [one["id"] for one in page["items"]] == [first["id"]]


def test_the_inbox_shows_names_order_and_unread_counts(town: Town) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    with_bob, with_cid = opened(ann, bob), opened(ann, cid)
    assert bob.api.get("/v1/conversations")["items"] == []
    for conversation, sender in ((with_cid, cid), (with_bob, bob), (with_bob, bob)):
        body = {"clientMessageId": uuid.uuid4().hex, "text": "hello"}
        sender.api.post(f"/v1/conversations/{conversation}/messages", body)
    inbox = eventually(
        lambda: ann.api.get("/v1/conversations")["items"],
        lambda items: [one["id"] for one in items] == [with_bob, with_cid],
        "the conversation with the latest message on top",
    )
    assert [one["unread"] for one in inbox] == [2, 1]
    assert {member["displayName"] for member in inbox[0]["members"]} == {"Ann", "Bob"}
    ann.api.put(f"/v1/conversations/{with_bob}/read", {"seq": 2})
    assert ann.api.get(f"/v1/conversations/{with_bob}")["unread"] == 0


def test_conversations_of_other_people_are_not_found(town: Town, endpoints: Endpoints) -> None:
    ann, bob, eve = town.person("Ann"), town.person("Bob"), town.person("Eve")
    conversation = opened(ann, bob)
    path = f"/v1/conversations/{conversation}"
    body = {"clientMessageId": "e1", "text": "let me in"}
    assert eve.refused("GET", path).status == 404
    assert eve.refused("GET", f"{path}/messages").status == 404
    assert eve.refused("POST", f"{path}/messages", body).status == 404
    assert eve.refused("PUT", f"{path}/read", {"seq": 1}).status == 404
    assert ann.refused("POST", "/v1/conversations", {"memberId": ann.id}).status == 422
    assert ann.refused("POST", "/v1/conversations", {"memberId": str(uuid.uuid4())}).status == 404
    with Socket(endpoints, eve.api) as socket:
        for action, data in (("chat.send", body), ("chat.read", {"seq": 1}), ("chat.typing", {})):
            with pytest.raises(SocketError) as refused:
                socket.send(action, {**data, "conversationId": conversation})
            assert refused.value.problem["status"] == 404
    assert ann.api.get(f"{path}/messages")["items"] == []


def test_bad_input_is_a_problem(town: Town) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    path = f"/v1/conversations/{opened(ann, bob)}/messages"
    bodies: list[Frame] = [
        {}, {"clientMessageId": "a", "text": ""}, {"clientMessageId": "a", "text": "x" * 2001},
        {"clientMessageId": "a", "text": ["x"]}, {"clientMessageId": "ä", "text": "x"},
    ]  # fmt: skip
    for body in bodies:
        assert ann.refused("POST", path, body).status == 400
    assert ann.refused("GET", path, cursor="garbage").type == "invalid-cursor"
    assert ann.refused("PUT", path.replace("/messages", "/read"), {"seq": 5}).status == 422
