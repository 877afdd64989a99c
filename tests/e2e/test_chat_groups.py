"""Groups, message requests and message changes between people of the running stack, on several devices."""

from __future__ import annotations

import uuid
from typing import Any

from kit.client import Endpoints, Socket
from tests.support.people import Person, Town, eventually


def group_of(owner: Person, *others: Person) -> str:
    """A group that needs no acceptance: its members follow the person who creates it."""
    for one in others:
        one.follow(owner)
    body = {"clientGroupId": uuid.uuid4().hex, "title": "Walkers", "userIds": [one.id for one in others]}
    return str(owner.api.post("/v1/conversations/groups", body)["id"])


def say(person: Person, conversation: str, text: str, **more: Any) -> dict[str, Any]:
    body = {"clientMessageId": uuid.uuid4().hex, "text": text, **more}
    sent: dict[str, Any] = person.api.post(f"/v1/conversations/{conversation}/messages", body)
    return sent


def test_a_group_lives_on_every_device(town: Town, endpoints: Endpoints) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    with Socket(endpoints, bob.api) as phone, Socket(endpoints, bob.api) as desk, Socket(endpoints, cid.api) as other:
        group = group_of(ann, bob)
        path = f"/v1/conversations/{group}"
        sent = say(ann, group, f"hello @{bob.handle}")
        assert sent["entities"]["mentions"] == [{"handle": bob.handle, "userId": bob.id}]
        bob.api.put(f"{path}/messages/2/reaction", {"emoji": "👋"})
        ann.api.put(f"{path}/messages/2", {"text": "hello all"})
        ann.api.delete(f"{path}/messages/2")
        for device in (phone, desk):
            assert device.wait("chat.message", lambda data: data["message"]["seq"] == 2)["data"]["message"] == sent
            last = device.wait("chat.changed", lambda data: data["rev"] == 3)["data"]["message"]
            assert (last["deleted"], last["text"], last["reactions"]) == (True, "", [])
        # Given a new member: they see later messages, not earlier ones
        cid.follow(ann)
        ann.api.post(f"{path}/members", {"userIds": [cid.id]})
        say(bob, group, "welcome")
        first = other.wait("chat.message", lambda data: data["message"]["text"] == "welcome")
        assert first["data"]["message"]["seq"] == 4
        assert [one["seq"] for one in cid.api.get(f"{path}/messages")["items"]] == [4, 3]
        # When they are removed, their devices receive that change and nothing after it
        ann.api.delete(f"{path}/members/{cid.id}")
        assert other.wait("chat.updated", lambda data: data["gone"])["data"]["conversationId"] == group
        say(ann, group, "among us")
        phone.wait("chat.message", lambda data: data["message"]["text"] == "among us")
        assert not [one for _, one in other.events if one["data"].get("message", {}).get("text") == "among us"]
    assert cid.refused("GET", f"{path}/messages").status == 404
    token = ann.api.put(f"{path}/link", {"hours": 1})["token"]
    assert cid.api.post("/v1/conversations/join", {"token": token})["id"] == group


def test_a_message_request_is_sent_and_answered(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    with Socket(endpoints, ann.api) as asker, Socket(endpoints, bob.api) as asked:
        conversation = ann.api.post("/v1/conversations", {"memberId": bob.id})["id"]
        say(ann, conversation, "we met at the fair")
        asked.wait("chat.message", lambda data: data["message"]["conversationId"] == conversation)
        requests = eventually(
            lambda: bob.api.get("/v1/conversations", folder="requests")["items"],
            lambda items: [one["id"] for one in items] == [conversation],
            "the request",
        )
        assert requests[0]["me"]["state"] == "request"
        assert bob.api.get("/v1/conversations")["items"] == []
        asked.send("chat.read", {"conversationId": conversation, "seq": 1})
        asked.send("chat.typing", {"conversationId": conversation})
        bob.api.put(f"/v1/conversations/{conversation}/request", {"accept": True})
        asker.wait("chat.updated", lambda data: data["conversationId"] == conversation)
        say(ann, conversation, "good to see you")
        asked.wait("chat.message", lambda data: data["message"]["seq"] == 2)
        asked.send("chat.read", {"conversationId": conversation, "seq": 2})
        asker.wait("chat.read", lambda data: data["seq"] == 2)
        leaks = [frame for _, frame in asker.events if frame["type"] in ("chat.typing", "chat.read")]
        assert [frame["data"]["seq"] for frame in leaks] == [2]


def test_nothing_is_lost_while_connections_break(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    group = group_of(ann, bob)
    path = f"/v1/conversations/{group}/messages"
    page = bob.api.get(path)
    cursor, shown = page["newer"], [one["seq"] for one in page["items"]]
    for number in range(4):
        # Given messages sent while no device was connected
        newest = say(ann, group, f"{number}: away")["seq"]
        with Socket(endpoints, bob.api) as device:
            page = bob.api.get(path, cursor=cursor, limit=50)
            cursor = page["newer"]
            shown += [one["seq"] for one in reversed(page["items"])]
            # When more messages arrive live
            for step in range(2):
                newest = say(ann, group, f"{number}: live {step}")["seq"]
            device.wait("chat.message", lambda data, seq=newest: data["message"]["seq"] == seq)
            live = [frame["data"]["message"]["seq"] for _, frame in device.events if frame["type"] == "chat.message"]
        assert live == sorted(live)
        # Then both parts join without a gap, and duplicates are recognized by seq
        page = bob.api.get(path, cursor=cursor, limit=50)
        cursor = page["newer"]
        assert {one["seq"] for one in page["items"]} <= set(live)
        shown += sorted({*live, *(one["seq"] for one in page["items"])} - set(shown))
    assert shown == list(range(1, newest + 1))
