"""Notifications during failures, on the running stack: delivered once, or in the DLQ with the reason."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest

from emulation.settings import REGION
from kit.client import Endpoints
from kit.drills.letters import holding
from kit.redrive.queues import DeadLetters, dead_letters, give_back
from kit.settings import Settings
from services.common.events import PostLiked
from tests.e2e.test_notifications import browser_of, push_service, pushed
from tests.support.drills import Backstage
from tests.support.people import Town, eventually

__all__ = ["push_service"]
pytestmark = pytest.mark.alone
_POISON = "poison-"


@pytest.fixture(scope="module")
def session(endpoints: Endpoints) -> boto3.Session:
    if "pushUrl" not in endpoints.document:
        pytest.skip("messages are broken on purpose, which is done on emulators only")
    return boto3.Session(**Settings.load().emulation.credentials.for_boto3(), region_name=REGION)


@pytest.fixture(scope="module")
def sqs(session: boto3.Session) -> Iterator[Any]:
    yield session.client("sqs", endpoint_url=Settings.load().url("emulator"))


def dead(sqs: Any, name: str) -> DeadLetters:
    return next(one for one in dead_letters(sqs) if one.short == name and one.source)


def send(sqs: Any, queue: str, body: str) -> None:
    sqs.send_message(QueueUrl=dead(sqs, queue).source, MessageBody=body)


def take(sqs: Any, queue: str, mark: str) -> dict[str, str] | None:
    """Removes the dead letter that contains ``mark``; returns its attributes."""
    for message in holding(sqs, dead(sqs, queue).url, mark, take=True):
        return {name: one["StringValue"] for name, one in message.get("MessageAttributes", {}).items()}
    return None


def nothing_left(sqs: Any, queue: str) -> bool:
    """Redrive the waiting messages, except poison messages of an earlier run, which would be dead-lettered again.

    Returns whether the dead-letter queue is empty afterwards, hidden messages included.
    """
    found = dead(sqs, queue)
    holding(sqs, found.url, _POISON, take=True)
    give_back(sqs, found, lambda moved, total: None)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = sqs.get_queue_attributes(QueueUrl=found.url, AttributeNames=names)["Attributes"]
    return all(counts[name] == "0" for name in names)


@pytest.mark.long
def test_a_record_that_always_fails_is_dead_lettered_with_its_reason_and_an_alarm(sqs: Any, town: Town) -> None:
    mark = f"{_POISON}{uuid.uuid4().hex}"
    send(sqs, "notifications-inapp", mark)
    # Other events of the batch are delivered in the meantime.
    ann, bob = town.person("Ann"), town.person("Bob")
    bob.follow(ann)
    eventually(lambda: ann.api.get("/v1/notifications")["items"], bool, "the follow, beside a poison message")
    backstage, name = Backstage(), "asyncsns-notifications-inapp-dlq-filled"
    eventually(lambda: backstage.alarm(name), lambda found: found == "ALARM", "the alarm of the dead-letter queue", 150)
    told = eventually(lambda: take(sqs, "notifications-inapp", mark), bool, "the poison message in the DLQ")
    assert (told["consumer"], told["receives"]) == ("asyncsns-notifier", "3")
    assert told["reason"].startswith("JSONDecodeError")
    # Other dead letters are redriven, as `make redrive` does it; then no alarm is active. MiniStack counts the messages
    # of all queues for the alarm, so those are cleared as well.
    for queue in {"notifications-inapp", *(one.short for one in dead_letters(sqs) if one.source and one.waiting)}:
        eventually(lambda q=queue: nothing_left(sqs, q), bool, f"the dead-letter queue of {queue} to be empty")  # type: ignore[misc]
    eventually(lambda: backstage.alarm(name), lambda found: found == "OK", "the alarm to end", 150)


def test_a_message_delivered_twice_is_notified_once(sqs: Any, town: Town) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    post = ann.post("once only")["id"]
    liked = PostLiked(cause=uuid.uuid4().hex, actor=bob.id, post_id=post, author_id=ann.id, user_id=bob.id)
    body = liked.to_json()
    for _ in range(3):
        send(sqs, "notifications-inapp", body)
    bob.follow(ann)
    items = eventually(
        lambda: ann.api.get("/v1/notifications")["items"],
        lambda found: {"like", "follow"} <= {one["type"] for one in found},
        "the like and what came after it",
    )
    assert [one["count"] for one in items if one["type"] == "like"] == [1]
    assert ann.api.get("/v1/notifications/unread")["count"] == 2


def test_pushes_that_a_host_refused_arrive_once_after_a_redrive(
    sqs: Any, town: Town, push_service: httpx.Client
) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    down, well = browser_of(bob, push_service), browser_of(bob, push_service)
    push_service.put(f"/subscriptions/{down}/behaviour", json={"status": 503})
    ann.follow(bob)
    eventually(lambda: pushed(push_service, well), bool, "the push to the browser that is well")

    def waits() -> bool:
        mine = holding(sqs, dead(sqs, "notifications-push").url, bob.id)
        return any("503" in one["MessageAttributes"]["reason"]["StringValue"] for one in mine)

    eventually(waits, bool, "the refused push in the DLQ, with the reason")
    (failing,) = [one for one in bob.api.get("/v1/push-subscriptions")["items"] if one["failure"]]
    assert "503" in failing["failure"]
    push_service.put(f"/subscriptions/{down}/behaviour", json={"status": None})
    assert give_back(sqs, dead(sqs, "notifications-push"), lambda moved, total: None) >= 1
    eventually(lambda: pushed(push_service, down), bool, "the push after the redrive")
    assert [len(pushed(push_service, one)) for one in (down, well)] == [1, 1]


def test_settings_devices_and_reading_hold_for_their_owner(town: Town, push_service: httpx.Client) -> None:
    ann, bob, cid = town.person("Ann"), town.person("Bob"), town.person("Cid")
    bob.api.call("PATCH", "/v1/notifications/settings", {"types": {"follow": {"inApp": "nobody", "webPush": "nobody"}}})
    browser = browser_of(bob, push_service)
    (device,) = bob.api.get("/v1/push-subscriptions")["items"]
    assert ann.refused("POST", f"/v1/push-subscriptions/{device['id']}/test").status == 404
    bob.api.post(f"/v1/push-subscriptions/{device['id']}/test", None)
    eventually(lambda: pushed(push_service, browser), bool, "the test push")
    ann.follow(bob)
    for person in (ann, cid):
        person.post(f"hello @{bob.handle}")
    items = eventually(
        lambda: bob.api.get("/v1/notifications")["items"], lambda found: len(found) == 2, "two mentions", 60
    )
    assert {one["type"] for one in items} == {"mention"}
    assert all(one["preview"].startswith("hello") for one in items)
    bob.api.put(f"/v1/notifications/{items[1]['id']}/read", None)
    assert bob.api.get("/v1/notifications/unread")["count"] == 1
    assert bob.api.get("/v1/notifications", types="follow,like")["items"] == []
    assert len(bob.api.get("/v1/notifications", types="mention")["items"]) == 2


def test_a_phone_is_registered_listed_and_removed(town: Town, session: boto3.Session) -> None:
    ann = town.person("Ann")
    token = uuid.uuid4().hex
    body = {"platform": "fcm", "token": token, "name": "Pixel"}
    ann.api.put("/v1/push-subscriptions/mobile", body)
    ann.api.put("/v1/push-subscriptions/mobile", body)
    (phone,) = ann.api.get("/v1/push-subscriptions")["items"]
    assert (phone["channel"], phone["service"], phone["name"]) == ("mobile", "fcm", "Pixel")
    assert token not in json.dumps(phone)
    ann.api.post(f"/v1/push-subscriptions/{phone['id']}/test", None)
    used = eventually(
        lambda: ann.api.get("/v1/push-subscriptions")["items"][0]["lastUsedAt"], bool, "SNS has taken the push", 60
    )
    assert used
    ann.api.delete(f"/v1/push-subscriptions/{phone['id']}")
    assert ann.api.get("/v1/push-subscriptions")["items"] == []
