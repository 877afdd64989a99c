"""Group calls through the running network: who is notified, who receives signals, and who gets nothing."""

from __future__ import annotations

from typing import Any

import httpx

from kit.client import Endpoints, Socket
from tests.e2e.test_calls import refusal
from tests.e2e.test_notifications import browser_of, push_service, pushed
from tests.support.people import Person, Town, eventually

__all__ = ["push_service"]
OFFER = {"description": {"type": "offer", "sdp": "v=0\r\n"}}


def group_of(*people: Person) -> dict[str, Any]:
    """All members follow each other, so nobody has to accept."""
    for one in people:
        for other in people:
            if one is not other:
                one.api.put(f"/v1/follows/{other.id}")
    body = {"clientGroupId": people[0].id, "title": "Walkers", "userIds": [one.id for one in people[1:]]}
    return {"conversationId": people[0].api.post("/v1/conversations/groups", body)["id"]}


def test_members_join_talk_and_leave_and_strangers_get_nothing(town: Town, endpoints: Endpoints) -> None:
    ann, bob, cid, eve = (town.person(name) for name in ("Ann", "Bob", "Cid", "Eve"))
    group = group_of(ann, bob, cid)
    with (
        Socket(endpoints, ann.api) as first,
        Socket(endpoints, bob.api) as second,
        Socket(endpoints, cid.api) as third,
        Socket(endpoints, eve.api) as stranger,
    ):
        mine = {**group, "media": "video", "session": "page-of-ann"}
        room = first.send("room.join", mine)["room"]
        for socket in (second, third):
            told = socket.wait("room.updated")["data"]
            assert (told["room"]["id"], told["rings"]) == (room["id"], True)
        second.send("room.join", {**group, "session": "page-of-bob"})
        assert len(first.wait("room.updated", lambda data: len(data["room"]["members"]) == 2)["data"]["room"]) > 0
        to_bob = {**group, "session": "page-of-ann", "to": bob.id, "toSession": "page-of-bob", **OFFER}
        assert first.send("room.signal", to_bob) == {"delivered": True}
        came = second.wait("room.signal")["data"]
        assert (came["from"], came["fromSession"], came["description"]) == (ann.id, "page-of-ann", OFFER["description"])
        # A group member outside the call, and a person outside the group
        page = {**group, "session": "page-of-eve"}
        assert refusal(third, "room.signal", {**to_bob, "session": "page-of-cid"}) == "not-in-call"
        for action, data in (("room.read", group), ("room.join", page), ("room.here", page), ("room.leave", page)):
            assert refusal(stranger, action, data) == "not-found"
        assert refusal(stranger, "room.signal", {**to_bob, "session": "page-of-eve"}) == "not-found"
        # A person is in one call at most; a person removed from the group leaves its call. On a slow machine the page
        # may have been silent for 20 seconds by now; joining again is its heartbeat.
        first.send("room.join", mine)
        assert refusal(first, "call.start", {"calleeId": cid.id, "media": "audio"}) == "in-another-call"
        ann.api.delete(f"/v1/conversations/{group['conversationId']}/members/{bob.id}")
        first.wait("room.updated", lambda data: data["room"]["revision"] > 2 and len(data["room"]["members"]) == 1)
        assert refusal(second, "room.here", {**group, "session": "page-of-bob"}) == "not-found"
        # The call ends when the last participant leaves
        first.send("room.leave", {**group, "session": "page-of-ann"})
        ended = third.wait("room.updated", lambda data: data["room"]["endedAt"] is not None)
        assert ended["data"]["room"]["members"] == []
        assert third.send("room.read", group) == {"room": None, "ticket": None}


def test_a_group_call_rings_by_push_until_the_person_joins_and_is_listed(
    town: Town, endpoints: Endpoints, push_service: httpx.Client
) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    group, browser = group_of(ann, bob), browser_of(bob, push_service)
    with Socket(endpoints, ann.api) as first:
        mine = {**group, "session": "page-of-ann"}
        room = first.send("room.join", {**mine, "media": "video"})["room"]["id"]

        def rings() -> list[dict[str, Any]]:
            # Joining again is a heartbeat: the call continues, however slow the machine is.
            first.send("room.join", mine)
            return [one for one in pushed(push_service, browser) if one["tag"] == f"room:{room}"]

        (ring,) = eventually(rings, bool, "the push of the ringing")
        assert (ring["url"], ring["ring"], ring["body"]) == (f"/messages/{group['conversationId']}", True, "Walkers")
        with Socket(endpoints, bob.api) as second:
            second.send("room.join", {**group, "session": "page-of-bob"})
            last = eventually(rings, lambda found: len(found) > 1, "the end of the ringing")[-1]
            assert last["close"] is True
            second.send("room.leave", {**group, "session": "page-of-bob"})
        first.send("room.leave", mine)
    for one in (ann, bob):
        (call,) = (item["group"] for item in one.api.get("/v1/calls")["items"])
        assert (call["id"], call["title"], bool(call["endedAt"])) == (room, "Walkers", True)
        assert {attendee["person"]["id"] for attendee in call["attendees"]} == {ann.id, bob.id}


def test_a_person_who_may_not_message_someone_may_not_call_them(town: Town) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    settings = bob.api.get("/v1/chat/settings")
    bob.api.put("/v1/chat/settings", settings | {"whoMayWrite": "following"})
    call = {"calleeId": bob.id, "media": "audio"}
    assert ann.refused("POST", "/v1/calls", call).status == 403
    bob.api.put(f"/v1/follows/{ann.id}")
    assert ann.api.post("/v1/calls", call)["state"] == "ringing"
