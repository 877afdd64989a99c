"""Calls: ringing, answering, signalling, and every way in which they end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.client import Endpoints, Socket
from kit.client.socket import SocketError
from tests.support.people import Person, Town, eventually

OFFER = {"description": {"type": "offer", "sdp": "v=0\r\n" + "a=x\r\n" * 2000}}
ANSWER = {"description": {"type": "answer", "sdp": "v=0\r\n"}}
CANDIDATE = {"candidate": {"candidate": "candidate:1 1 UDP 1 127.0.0.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}}


def refusal(socket: Socket, action: str, data: dict[str, object]) -> str:
    """The name of the problem with which an action is refused."""
    with pytest.raises(SocketError) as refused:
        socket.send(action, data)
    return str(refused.value.problem["type"])


def test_a_call_rings_everywhere_is_accepted_and_ends_for_both(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    with (
        Socket(endpoints, ann.api) as caller,
        Socket(endpoints, bob.api) as phone,
        Socket(endpoints, bob.api) as desk,
    ):
        call = caller.send("call.start", {"calleeId": bob.id, "media": "video"})["call"]
        assert call["state"] == "ringing"
        for device in (phone, desk):
            assert device.wait("call.ringing")["data"]["call"]["id"] == call["id"]
        here = {"callId": call["id"]}
        assert phone.send("call.accept", here)["call"]["state"] == "accepted"
        assert refusal(desk, "call.accept", here) == "call-elsewhere"
        for device in (caller, desk):
            assert device.wait("call.accepted")["data"]["call"]["state"] == "accepted"
        caller.send("call.signal", here | OFFER)
        assert phone.wait("call.signal")["data"] == {**here, "from": ann.id, "epoch": 1, **OFFER}
        assert refusal(desk, "call.signal", here | ANSWER) == "call-elsewhere"
        assert ann.api.get(f"/v1/calls/{call['id']}")["state"] == "accepted"
        phone.send("call.signal", here | ANSWER)
        assert caller.wait("call.signal")["data"]["description"]["type"] == "answer"
        caller.send("call.signal", here | CANDIDATE)
        assert (
            phone.wait("call.signal", lambda data: "candidate" in data)["data"]["candidate"] == CANDIDATE["candidate"]
        )
        assert ann.api.get(f"/v1/calls/{call['id']}")["state"] == "connected"
        assert refusal(caller, "call.signal", here | {"epoch": 2} | OFFER) == "stale-negotiation"
        assert phone.send("call.hangup", here)["call"]["state"] == "ended"
        for device in (caller, phone, desk):
            assert device.wait("call.ended")["data"]["call"]["state"] == "ended"
        assert caller.send("call.hangup", here)["call"]["state"] == "ended"
    (told,) = ann.api.get("/v1/calls")["items"]
    assert (told["call"]["id"], told["call"]["state"], told["other"]["id"]) == (call["id"], "ended", bob.id)


def test_only_one_device_answers(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    call = ann.api.post("/v1/calls", {"calleeId": bob.id, "media": "audio"})

    def answer(_: int) -> int:
        return bob.api.http.post(f"/v1/calls/{call['id']}/accept").status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(answer, range(4))) == [200, 409, 409, 409]


@pytest.mark.parametrize(("who", "action", "state"), [("bob", "decline", "declined"), ("ann", "hangup", "cancelled")])
def test_a_call_that_is_not_answered(town: Town, endpoints: Endpoints, who: str, action: str, state: str) -> None:
    people = {"ann": town.person("Ann"), "bob": town.person("Bob")}
    with Socket(endpoints, people["ann"].api) as socket:
        call = people["ann"].api.post("/v1/calls", {"calleeId": people["bob"].id, "media": "audio"})
        people[who].api.post(f"/v1/calls/{call['id']}/{action}")
        ended = socket.wait("call.ended")["data"]["call"]
    assert (ended["id"], ended["state"]) == (call["id"], state)


def test_a_person_in_a_call_is_busy(town: Town) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    call = ann.api.post("/v1/calls", {"calleeId": bob.id, "media": "audio"})
    assert cid.api.post("/v1/calls", {"calleeId": bob.id, "media": "audio"})["state"] == "busy"
    refused = ann.refused("POST", "/v1/calls", {"calleeId": cid.id, "media": "audio"})
    assert (refused.status, refused.document["errors"][0]["got"]) == (409, call["id"])
    ann.api.post(f"/v1/calls/{call['id']}/hangup")
    assert cid.api.post("/v1/calls", {"calleeId": bob.id, "media": "audio"})["state"] == "ringing"


def test_an_unanswered_call_becomes_missed(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    with Socket(endpoints, ann.api) as socket:
        call = socket.send("call.start", {"calleeId": bob.id, "media": "audio"})["call"]
        ended = socket.wait("call.ended", seconds=120)["data"]["call"]
        assert (ended["id"], ended["state"]) == (call["id"], "missed")
    (told,) = eventually(lambda: notifications(bob), bool, "the missed call among the notifications")
    assert (told["type"], told["callId"], told["actor"]["id"]) == ("missed_call", call["id"], ann.id)


def notifications(person: Person) -> list[dict[str, object]]:
    return list(person.api.get("/v1/notifications")["items"])


def test_calls_of_other_people_are_not_found(town: Town, endpoints: Endpoints) -> None:
    ann, bob, eve = town.person("Ann"), town.person("Bob"), town.person("Eve")
    call = ann.api.post("/v1/calls", {"calleeId": bob.id, "media": "audio"})
    assert eve.refused("GET", f"/v1/calls/{call['id']}").status == 404
    for action in ("accept", "decline", "hangup"):
        assert eve.refused("POST", f"/v1/calls/{call['id']}/{action}").status == 404
    assert ann.refused("POST", f"/v1/calls/{call['id']}/accept").status == 403
    assert ann.refused("POST", "/v1/calls", {"calleeId": ann.id, "media": "audio"}).status == 422
    assert ann.refused("POST", "/v1/calls", {"calleeId": bob.id, "media": "smell"}).status == 400
    with Socket(endpoints, eve.api) as socket, pytest.raises(SocketError) as refused:
        socket.send("call.signal", {"callId": call["id"], **OFFER})
    assert refused.value.problem["status"] == 404
    assert isinstance(eve.api.get("/v1/calls/ice-servers")["iceServers"], list)


def talking(caller: Socket, callee: Socket, callee_id: str) -> dict[str, str]:
    """A connected call; ``{"callId"}``."""
    here = {"callId": caller.send("call.start", {"calleeId": callee_id, "media": "audio"})["call"]["id"]}
    callee.send("call.accept", here)
    caller.send("call.signal", here | OFFER)
    callee.send("call.signal", here | ANSWER)
    return here


@pytest.mark.parametrize("who", [pytest.param("caller", marks=pytest.mark.long), "callee"])
def test_a_disconnected_party_ends_the_call_for_the_other(town: Town, endpoints: Endpoints, who: str) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    with Socket(endpoints, ann.api) as caller, Socket(endpoints, bob.api) as callee:
        here = talking(caller, callee, bob.id)
        leaving, staying = (caller, callee) if who == "caller" else (callee, caller)
        leaving.close()
        ended = staying.wait("call.ended", seconds=60)["data"]["call"]
        assert (ended["id"], ended["state"], ended["reason"]) == (here["callId"], "ended", f"{who}_left")
    for one in (ann, bob):
        again = cid.api.post("/v1/calls", {"calleeId": one.id, "media": "audio"})
        assert again["state"] == "ringing"
        cid.api.post(f"/v1/calls/{again['id']}/hangup")


@pytest.mark.long
def test_a_page_with_a_new_socket_keeps_its_call(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    with Socket(endpoints, ann.api) as first, Socket(endpoints, bob.api) as callee:
        here = talking(first, callee, bob.id)
        first.close()
        with Socket(endpoints, ann.api) as second:
            assert second.send("call.here", here)["call"]["state"] == "connected"
            # The first socket's time limit has passed once that of a socket which closed later has.
            callee.close()
            ended = second.wait("call.ended", seconds=60)["data"]["call"]
            assert (ended["id"], ended["reason"]) == (here["callId"], "callee_left")


def test_a_caller_who_disconnects_stops_the_ringing(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    with Socket(endpoints, ann.api) as caller, Socket(endpoints, bob.api) as callee:
        call = caller.send("call.start", {"calleeId": bob.id, "media": "audio"})["call"]
        caller.close()
        ended = callee.wait("call.ended", seconds=60)["data"]["call"]
        assert (ended["id"], ended["state"], ended["reason"]) == (call["id"], "cancelled", "caller_left")


def test_a_reloaded_page_learns_of_its_call_and_rejoins(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    with Socket(endpoints, ann.api) as caller, Socket(endpoints, bob.api) as callee:
        here = talking(caller, callee, bob.id)
        callee.send("call.here", here | {"session": "first-page"})
        assert bob.api.post(f"/v1/calls/{here['callId']}/leave", {"session": "first-page"})["away"] == [bob.id]
        assert caller.wait("call.updated", lambda data: data["call"]["away"] == [bob.id])
        with Socket(endpoints, bob.api) as again:
            told = again.send("call.current", {})["current"]
            assert (told["call"]["id"], told["other"]["id"]) == (here["callId"], ann.id)
            assert bob.api.get("/v1/calls/current")["current"]["call"]["id"] == here["callId"]
            assert again.send("call.here", here | {"session": "next-page"})["call"]["epoch"] == 2
            caller.wait("call.updated", lambda data: data["call"]["epoch"] == 2)
            assert refusal(callee, "call.signal", here | ANSWER) == "call-elsewhere"
            assert caller.send("call.signal", here | {"epoch": 2} | OFFER) == {"delivered": True}
            assert again.wait("call.signal")["data"]["epoch"] == 2


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_block_ends_the_call_for_both(town: Town, endpoints: Endpoints, who: str) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    with Socket(endpoints, ann.api) as caller, Socket(endpoints, bob.api) as callee:
        here = talking(caller, callee, bob.id)
        blocker, blocked = (ann, bob) if who == "caller" else (bob, ann)
        blocker.api.put(f"/v1/blocks/{blocked.id}")
        heard = [socket.wait("call.ended", seconds=30)["data"]["call"] for socket in (caller, callee)]
        assert heard[0] == heard[1]
        assert (heard[0]["id"], heard[0]["state"], heard[0]["reason"]) == (here["callId"], "ended", None)
        with pytest.raises(SocketError) as refused:
            caller.send("call.signal", here | OFFER)
        assert refused.value.problem["status"] == 403
