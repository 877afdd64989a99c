"""Notifications: from one person's action to the other person's screen, exactly once."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emulation.guard import HELPER_HEADERS
from kit.client import Endpoints, Socket
from kit.client.api import PATIENCE_SECONDS
from tests.support.people import Person, Town, eventually

#: The delay of the queue ``chat-arrivals``, minus a tolerance for clock differences.
ARRIVAL_SECONDS = 14


def test_notifications_of_actions_arrive_live_and_are_counted(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    post = ann.post("look at this")
    with Socket(endpoints, ann.api) as phone, Socket(endpoints, ann.api) as desk:
        bob.follow(ann)
        bob.api.put(f"/v1/posts/{post['id']}/like")
        reply = bob.post("nice", replyTo=post["id"])
        mention = bob.post(f"hello @{ann.handle}")
        for device in (phone, desk):
            for kind, about in (
                ("follow", None),
                ("like", post["id"]),
                ("reply", reply["id"]),
                ("mention", mention["id"]),
            ):
                told = device.wait(
                    "notification.created", lambda data, kind=kind: data["notification"]["type"] == kind
                )["data"]["notification"]
                assert (told["postId"], told["actor"]["handle"], told["read"]) == (about, bob.handle, False)
        eventually(lambda: ann.api.get("/v1/notifications/unread")["count"], lambda count: count == 4, "four unread")
        newest = ann.api.get("/v1/notifications", limit=1)["items"][0]["id"]
        phone_read = {"upTo": newest}
        ann.api.put("/v1/notifications/read", phone_read)
        assert desk.wait("notification.unread")["data"]["unread"] == 0
    items = ann.walk("/v1/notifications", limit=2)
    assert {one["type"] for one in items} == {"follow", "like", "reply", "mention"}
    assert all(one["read"] for one in items)
    assert bob.api.get("/v1/notifications")["items"] == []


def test_likes_of_one_post_are_one_notification(town: Town) -> None:
    ann = town.person("Ann")
    post = ann.post("popular")
    for name in ("Bob", "Cid", "Dan"):
        town.person(name).api.put(f"/v1/posts/{post['id']}/like")
    grouped = eventually(
        lambda: ann.api.get("/v1/notifications")["items"],
        lambda items: [one["count"] for one in items] == [3],
        "one notification of three likes",
    )
    assert grouped[0]["actor"]["displayName"] in ("Bob", "Cid", "Dan")
    assert ann.api.get("/v1/notifications/unread")["count"] == 1


def test_a_repeated_like_causes_no_second_notification(town: Town) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    post = ann.post("again and again")
    for _ in range(2):
        bob.api.put(f"/v1/posts/{post['id']}/like")
        bob.api.delete(f"/v1/posts/{post['id']}/like")
    bob.api.put(f"/v1/posts/{post['id']}/like")
    cid.follow(ann)
    items = eventually(
        lambda: ann.api.get("/v1/notifications")["items"],
        lambda items: {"follow", "like"} <= {one["type"] for one in items},
        "the follow after the likes",
    )
    assert [one["count"] for one in items if one["type"] == "like"] == [1]


def test_a_message_waits_for_an_absent_reader(town: Town) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    conversation = ann.api.post("/v1/conversations", {"memberId": bob.id})["id"]
    for number in range(3):
        body = {"clientMessageId": uuid.uuid4().hex, "text": f"are you there {number}"}
        ann.api.post(f"/v1/conversations/{conversation}/messages", body)
    (told,) = eventually(
        lambda: bob.api.get("/v1/notifications")["items"],
        lambda items: [one["count"] for one in items] == [3],
        "one notification of three messages",
    )
    assert (told["type"], told["conversationId"], told["preview"]) == ("message", conversation, "are you there 2")


def test_bad_input_is_a_problem(town: Town) -> None:
    ann = town.person("Ann")
    assert ann.refused("PUT", "/v1/notifications/read", {"upTo": "x"}).status == 400
    assert ann.refused("GET", "/v1/notifications", cursor="garbage").type == "invalid-cursor"
    evil = {"endpoint": "http://127.0.0.1:1/", "keys": {"p256dh": "a", "auth": "b"}}
    assert ann.refused("PUT", "/v1/push-subscriptions", evil).status == 400


def pushed(service: httpx.Client, browser: str) -> list[dict[str, Any]]:
    messages = service.get(f"/subscriptions/{browser}/messages").json()
    assert [message["error"] for message in messages] == [None] * len(messages)
    return [json.loads(message["body"]) for message in messages]


@pytest.fixture
def push_service(endpoints: Endpoints) -> Iterator[httpx.Client]:
    if "pushUrl" not in endpoints.document:
        pytest.skip("this target pushes to the services of the browsers' makers: nothing there can be looked into")
    options = {"base_url": endpoints.document["pushUrl"], "headers": HELPER_HEADERS, "timeout": PATIENCE_SECONDS}
    with httpx.Client(**options) as client:
        yield client


def browser_of(person: Person, service: httpx.Client) -> str:
    made = service.post("/subscriptions", json={}).json()
    person.api.put("/v1/push-subscriptions", {"endpoint": made["endpoint"], "keys": made["keys"]})
    return str(made["id"])


def test_a_disconnected_person_gets_one_encrypted_push(town: Town, push_service: httpx.Client) -> None:
    ann, bob = town.person("Ann"), town.person("Bob", locale="ja")
    browser = browser_of(bob, push_service)
    conversation = ann.api.post("/v1/conversations", {"memberId": bob.id})["id"]
    body = {"clientMessageId": "p1", "text": "見てね"}
    ann.api.post(f"/v1/conversations/{conversation}/messages", body)
    ann.follow(bob)
    payloads = eventually(lambda: pushed(push_service, browser), lambda found: len(found) == 2, "two pushes")
    by_url = {payload["url"]: payload for payload in payloads}
    assert by_url[f"/messages/{conversation}"]["body"] == "見てね"
    assert by_url[f"/messages/{conversation}"]["title"] == "Annさんからメッセージリクエスト"
    assert by_url["/notifications"]["title"].startswith("Ann")


def test_a_connected_person_gets_a_frame_and_no_push(
    town: Town, push_service: httpx.Client, endpoints: Endpoints
) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    here, away = browser_of(bob, push_service), browser_of(cid, push_service)
    with Socket(endpoints, bob.api) as socket:
        ann.post(f"@{bob.handle} @{cid.handle} look")
        socket.wait("notification.created")
        # One consumer handles the event for both: once it has pushed to one device, it has decided about the other.
        eventually(lambda: pushed(push_service, away), bool, "the push to the person who is away")
        assert pushed(push_service, here) == []


def test_a_connected_person_is_notified_of_an_undelivered_message(
    town: Town, push_service: httpx.Client, endpoints: Endpoints
) -> None:
    """Both have an open connection; only one device acknowledges the message."""
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    heard, asleep = browser_of(bob, push_service), browser_of(cid, push_service)
    body = {"clientGroupId": uuid.uuid4().hex, "title": "Walkers", "userIds": [bob.id, cid.id]}
    group = ann.api.post("/v1/conversations/groups", body)["id"]
    with Socket(endpoints, bob.api) as phone, Socket(endpoints, cid.api) as closed_lid:
        path, begun = f"/v1/conversations/{group}/messages", time.monotonic()
        sent = ann.api.post(path, {"clientMessageId": uuid.uuid4().hex, "text": "tonight at eight"})
        for device in (phone, closed_lid):
            device.wait("chat.message", lambda data: data["message"]["id"] == sent["id"])
        phone.send("chat.delivered", {"conversationId": group, "seq": sent["seq"]})

        def texts_of(browser: str) -> list[str]:
            return [one["body"] for one in pushed(push_service, browser) if "tonight" in one["body"]]

        def listed(person: Person) -> list[str]:
            items = person.api.get("/v1/notifications")["items"]
            return [one["preview"] for one in items if "tonight" in (one["preview"] or "")]

        eventually(lambda: texts_of(asleep), lambda found: len(found) == 1, "the push to the person without a receipt")
        assert time.monotonic() - begun > ARRIVAL_SECONDS, "a device has this long to acknowledge"
        (preview,) = eventually(lambda: listed(cid), bool, "the notification of the person who did not get it")
        assert preview == "Walkers: tonight at eight"
        # One event covered both, so the recipient who acknowledged would have been notified by now.
        assert (texts_of(heard), listed(bob)) == ([], [])


def test_an_ended_push_subscription_is_removed(town: Town, push_service: httpx.Client) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    gone, kept = browser_of(bob, push_service), browser_of(bob, push_service)
    push_service.delete(f"/subscriptions/{gone}")
    ann.follow(bob)
    eventually(lambda: pushed(push_service, kept), lambda found: len(found) == 1, "the push to the other browser")
    cid.follow(bob)
    eventually(lambda: pushed(push_service, kept), lambda found: len(found) == 2, "the next push")
