"""Blocks, locked accounts, mutes and lists through the public API, including effects of the running pipeline."""

from __future__ import annotations

from typing import Any

from services.common.ids import new_id
from tests.support.people import Person, Town, eventually


def relationship(viewer: Person, other: Person) -> dict[str, Any]:
    found: dict[str, Any] = viewer.api.get(f"/v1/users/{other.id}")["relationship"]
    return found


def found_by(viewer: Person, word: str) -> list[str]:
    return [one["post"]["id"] for one in viewer.api.get("/v1/search", q=word)["items"]]


def test_a_block_holds_in_timelines_search_notifications_chat_and_calls(town: Town) -> None:
    anna, ben = town.person("Anna"), town.person("Ben")
    word = f"w{new_id().lower()}"
    ben.follow(anna)
    anna.follow(ben)
    post = anna.post(f"hello {word}")
    conversation = anna.api.post("/v1/conversations", {"memberId": ben.id})["id"]
    eventually(ben.home, lambda ids: post["id"] in ids, "the post at Ben's")
    eventually(lambda: found_by(ben, word), lambda ids: ids == [post["id"]], "the post in search")
    ben.api.put(f"/v1/posts/{post['id']}/like")
    eventually(
        lambda: [one["actor"]["id"] for one in anna.api.get("/v1/notifications")["items"]],
        lambda actors: ben.id in actors,
        "the notification of the like",
    )

    anna.api.put(f"/v1/blocks/{ben.id}")
    # Immediately, before any projection:
    assert post["id"] not in ben.home()
    assert found_by(ben, word) == []
    assert ben.id not in [one["actor"]["id"] for one in anna.api.get("/v1/notifications")["items"]]
    message = {"clientMessageId": "m1", "text": "hello"}
    for one, other in ((anna, ben), (ben, anna)):
        assert one.refused("PUT", f"/v1/follows/{other.id}").status == 403
        assert one.refused("POST", f"/v1/conversations/{conversation}/messages", message).status == 403
        assert one.refused("POST", "/v1/calls", {"calleeId": other.id, "media": "audio"}).status == 403
    assert ben.refused("PUT", f"/v1/posts/{post['id']}/like").status == 404
    assert relationship(ben, anna)["blockedBy"]
    # The counters follow:
    eventually(lambda: anna.api.get("/v1/me")["counts"], lambda counts: counts["followers"] == 0, "the counters")
    anna.api.delete(f"/v1/blocks/{ben.id}")
    assert found_by(ben, word) == [post["id"]]
    assert not relationship(ben, anna)["following"]


def test_a_locked_account_chooses_its_followers(town: Town) -> None:
    owner, fan, other = town.person(locked=True), town.person(), town.person()
    post = owner.post("for followers", visibility="followers")
    for one in (fan, other):
        assert one.api.put(f"/v1/follows/{owner.id}") == {"requested": True}
    asked = owner.api.get("/v1/follow-requests")["items"]
    assert {one["id"] for one in asked} == {fan.id, other.id}
    owner.api.put(f"/v1/follow-requests/{fan.id}")
    owner.api.delete(f"/v1/follow-requests/{other.id}")
    assert owner.api.get("/v1/follow-requests")["items"] == []
    eventually(fan.home, lambda ids: ids == [post["id"]], "the accepted follower's timeline")
    assert other.home() == []
    assert (relationship(fan, owner)["following"], relationship(other, owner)["requested"]) == (True, False)


def test_mutes_and_lists_filter_timelines(town: Town) -> None:
    reader, friend, loud = town.person(), town.person(), town.person()
    for one in (friend, loud):
        reader.follow(one)
    list_id = new_id()
    reader.api.put(f"/v1/lists/{list_id}", {"name": "Friends"})
    reader.api.put(f"/v1/lists/{list_id}/members/{friend.id}")
    wanted, spoiler, noise = friend.post("good")["id"], friend.post("a Spoiler!")["id"], loud.post("noise")["id"]

    def listed() -> list[str]:
        return [one["id"] for one in reader.api.get(f"/v1/timelines/lists/{list_id}")["items"]]

    eventually(reader.home, lambda ids: set(ids) == {wanted, spoiler, noise}, "all posts at home")
    eventually(listed, lambda ids: ids == [spoiler, wanted], "the friend's posts on the list")
    reader.api.put(f"/v1/mutes/users/{loud.id}", {})
    reader.api.put(f"/v1/mutes/words/{new_id()}", {"word": "spoiler"})
    assert (reader.home(), listed()) == ([wanted], [wanted])
    assert friend.refused("GET", f"/v1/timelines/lists/{list_id}").status == 404
    reader.api.delete(f"/v1/lists/{list_id}")
    assert reader.refused("GET", f"/v1/timelines/lists/{list_id}").status == 404
