"""Frames to devices and events to notifications that result from changes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from services.chat import handler as functions
from services.chat import queries
from services.profiles.public import ProfileRepository
from tests.support.aws import Aws
from tests.support.chat_room import Room
from tests.support.lambdas import Context


class Told:
    """Runs the relay twice over a conversation's changes since the last call, as event sources may."""

    def __init__(self, aws: Aws, conversation: str) -> None:
        self._changes, self._frames = aws.new_changes("chat"), aws.new_stream_records()
        self._conversation = conversation
        self.since()

    def since(self) -> list[tuple[str, set[str], dict[str, Any]]]:
        """``(type, users, data)`` of the frames, each event once."""
        pk = f"CONV#{self._conversation}"
        records = [one for one in self._changes() if one["dynamodb"]["Keys"]["pk"]["S"] == pk]
        for _ in range(2):
            assert functions.relay({"Records": records}, Context()) == {"batchItemFailures": []}
        found: dict[str, tuple[str, set[str], dict[str, Any]]] = {}
        for record in self._frames():
            if record["kinesis"]["partitionKey"] == self._conversation:
                document = json.loads(base64.b64decode(record["kinesis"]["data"]))
                frame = document["frame"]
                found[frame["eventId"]] = (frame["type"], set(document["users"]), frame["data"])
        return list(found.values())


def test_changes_reach_everyone_who_may_see_the_message(room: Room, fresh: Aws) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    group = room.group(ann, bob)
    room.say(ann, group, "before")
    room.do(ann, "POST", f"/{group}/members", {"userIds": [cid]})
    told = Told(fresh, group)
    room.do(bob, "PUT", f"/{group}/messages/2/reaction", {"emoji": "👍"})
    room.do(ann, "PUT", f"/{group}/messages/2", {"text": "after"})
    frames = told.since()
    assert [(kind, users, data["rev"]) for kind, users, data in frames] == [
        ("chat.changed", {ann, bob}, 1), ("chat.changed", {ann, bob}, 2),
    ]  # fmt: skip
    assert frames[-1][2]["message"]["text"] == "after"


def test_private_changes_reach_only_the_members_own_devices(room: Room, fresh: Aws) -> None:
    ann, bob = room.person(), room.person()
    conversation = room.pair(ann, bob)
    room.say(ann, conversation)
    told = Told(fresh, conversation)
    room.do(bob, "DELETE", f"/{conversation}/messages/1", query_text="for=me")
    room.do(bob, "PUT", f"/{conversation}/mute", {"hours": 1})
    assert [(kind, users) for kind, users, _ in told.since()] == [("chat.hidden", {bob}), ("chat.updated", {bob})]


def test_a_message_request_reveals_nothing_to_the_sender_until_accepted(room: Room, fresh: Aws) -> None:
    ann, bob = room.person(), room.person()
    room.people.strangers.add((bob, ann))
    conversation = room.pair(ann, bob)
    room.say(ann, conversation)
    told = Told(fresh, conversation)
    room.do(bob, "PUT", f"/{conversation}/delivered", {"seq": 1})
    room.do(bob, "PUT", f"/{conversation}/read", {"seq": 1})
    room.do(bob, "PUT", f"/{conversation}/request", {"accept": False})
    assert {user for _, users, _ in told.since() for user in users} == {bob}
    room.say(ann, conversation, "still there?")
    assert [(kind, users) for kind, users, _ in told.since()] == [("chat.message", {ann})]
    room.do(bob, "PUT", f"/{conversation}/request", {"accept": True})
    assert [(kind, users) for kind, users, _ in told.since()] == [("chat.updated", {ann, bob})]


def test_a_removed_member_learns_only_that_the_group_is_gone(room: Room, fresh: Aws) -> None:
    ann, bob = room.person(), room.person()
    group = room.group(ann, bob)
    told = Told(fresh, group)
    room.do(ann, "DELETE", f"/{group}/members/{bob}")
    room.say(ann, group, "among us")
    frames = told.since()
    assert [(kind, data["gone"]) for kind, users, data in frames if bob in users] == [("chat.updated", True)]
    assert [data["message"]["seq"] for kind, users, data in frames if kind == "chat.message" and ann in users] == [2, 3]


def test_notifications_skip_members_who_muted_and_name_the_mentioned(room: Room, fresh: Aws) -> None:
    ann, bob, cid, dan = (room.person() for _ in range(4))
    room.people.known["dan"] = dan
    group = room.group(ann, bob, cid, dan, title="Fair")
    for user in (cid, dan):
        room.do(user, "PUT", f"/{group}/mute", {})
    told = Told(fresh, group)
    room.say(ann, group, "@dan come over")
    told.since()
    event = fresh.published(lambda one: one["data"].get("seq") == 2 and one["data"]["conversationId"] == group, 1)[0]
    data = event["data"]
    assert (data["conversationKind"], data["title"], data["preview"]) == ("group", "Fair", "@dan come over")
    assert (set(data["recipientIds"]), data["mentionIds"], data["requestIds"]) == ({bob, dan}, [dan], [])


def test_events_name_the_media_that_messages_and_groups_show(room: Room, fresh: Aws) -> None:
    ann, bob = room.person(), room.person()
    photo, first, second = (room.library.add(ann, f"{ann}-{name}") for name in ("photo", "first", "second"))
    group = room.group(ann, bob)
    told = Told(fresh, group)

    def heard() -> tuple[int, list[str]]:
        """The events of one change, which the relay received twice."""
        told.since()
        of_group = lambda one: one["type"] == "chat.media_changed" and one["data"]["conversationId"] == group  # noqa: E731
        events = {one["id"]: one["data"] for one in fresh.published(of_group, 2)}
        (data,) = events.values()
        assert data["owners"] == dict.fromkeys(data["mediaIds"], ann)
        return data["seq"], data["mediaIds"]

    room.say(ann, group, "look", mediaIds=[photo])
    assert heard() == (2, [photo])
    room.do(bob, "PUT", f"/{group}/messages/2/reaction", {"emoji": "👍"})
    room.do(ann, "DELETE", f"/{group}/messages/2", query_text="for=all")
    assert heard() == (2, [photo])
    room.do(ann, "PUT", f"/{group}", {"avatarMediaId": first})
    assert heard() == (0, [first])
    room.do(ann, "PUT", f"/{group}", {"avatarMediaId": second})
    assert heard() == (0, sorted([first, second]))


def test_a_long_conversation_is_searched_in_steps(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = room.person(), room.person()
    conversation = room.pair(ann, bob)
    for number in range(9):
        room.say(ann, conversation, "needle" if number == 0 else "hay")
    monkeypatch.setattr(queries, "SEARCH_BOUND", 4)
    monkeypatch.setattr(queries, "_SEARCH_STEP", 2)
    found, before = [], ""
    for _ in range(3):
        page = room.do(bob, "GET", f"/{conversation}/search", query_text=f"q=needle{before}")
        found += page["items"]
        before = f"&before={page['before']}"
        if page["before"] is None:
            break
    assert [one["seq"] for one in found] == [1]
    assert page["before"] is None


def test_in_a_conversation_of_two_receipts_do_not_cross_a_block(room: Room, fresh: Aws) -> None:
    ann, bob = room.person(), room.person()
    conversation = room.pair(ann, bob)
    room.say(ann, conversation)
    room.say(ann, conversation)
    told = Told(fresh, conversation)
    room.do(bob, "PUT", f"/{conversation}/read", {"seq": 1})
    assert [(kind, users) for kind, users, _ in told.since()] == [("chat.read", {ann, bob})]
    ProfileRepository("profiles").block(bob, ann)
    room.do(bob, "PUT", f"/{conversation}/delivered", {"seq": 2})
    assert told.since() == []
    room.do(bob, "PUT", f"/{conversation}/read", {"seq": 2})
    # Their other devices receive it all the same.
    assert [(kind, users) for kind, users, _ in told.since()] == [("chat.read", {bob})]


def test_a_block_hides_receipts(room: Room) -> None:
    ann, bob = room.person(), room.person()
    conversation = room.pair(ann, bob)
    room.say(ann, conversation)
    room.do(bob, "PUT", f"/{conversation}/read", {"seq": 1})

    def seen_by_ann() -> int | None:
        members = room.do(ann, "GET", f"/{conversation}")["members"]
        return next(one["readSeq"] for one in members if one["id"] == bob)

    assert seen_by_ann() == 1
    ProfileRepository("profiles").block(bob, ann)
    assert seen_by_ann() is None
