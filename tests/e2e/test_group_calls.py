"""Group calls through the running network: who hears of them, whom signals reach, and who gets nothing."""

from __future__ import annotations

from kit.client import Endpoints, Socket
from tests.e2e.test_calls import refusal
from tests.support.people import Town

OFFER = {"description": {"type": "offer", "sdp": "v=0\r\n"}}


def test_members_join_talk_and_leave_and_strangers_get_nothing(town: Town, endpoints: Endpoints) -> None:
    ann, bob, cid, eve = (town.person(name) for name in ("Ann", "Bob", "Cid", "Eve"))
    for one in (ann, bob, cid):
        for other in (ann, bob, cid):
            if one is not other:
                one.api.put(f"/v1/follows/{other.id}")
    body = {"clientGroupId": ann.id, "title": "Walkers", "userIds": [bob.id, cid.id]}
    group = {"conversationId": ann.api.post("/v1/conversations/groups", body)["id"]}
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
        # Who is in the group but not in the call, and who is in neither
        page = {**group, "session": "page-of-eve"}
        assert refusal(third, "room.signal", {**to_bob, "session": "page-of-cid"}) == "not-in-call"
        for action, data in (("room.read", group), ("room.join", page), ("room.here", page), ("room.leave", page)):
            assert refusal(stranger, action, data) == "not-found"
        assert refusal(stranger, "room.signal", {**to_bob, "session": "page-of-eve"}) == "not-found"
        # Nobody is in two calls; who is removed from the group is out of its call
        # On a slow machine the page may have been silent for 20 seconds by now: joining again is its sign of life.
        first.send("room.join", mine)
        assert refusal(first, "call.start", {"calleeId": cid.id, "media": "audio"}) == "in-another-call"
        ann.api.delete(f"/v1/conversations/{group['conversationId']}/members/{bob.id}")
        first.wait("room.updated", lambda data: data["room"]["revision"] > 2 and len(data["room"]["members"]) == 1)
        assert refusal(second, "room.here", {**group, "session": "page-of-bob"}) == "not-found"
        # The last one to leave ends it
        first.send("room.leave", {**group, "session": "page-of-ann"})
        ended = third.wait("room.updated", lambda data: data["room"]["endedAt"] is not None)
        assert ended["data"]["room"]["members"] == []
        assert third.send("room.read", group) == {"room": None, "ticket": None}
