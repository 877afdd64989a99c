"""Pushes: their recipients, their number, and how failures are handled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from services.common.events import (
    ChatMessageDeleted,
    ChatMessageEdited,
    ChatMessageSent,
    ChatMessageUnreceived,
    NotificationTestRequested,
)
from services.notifications import handler as functions
from services.notifications.adapter import WebPush
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import PushFailed
from services.notifications.filtering import NotificationFilter
from services.notifications.settings import BrowserSettings, NotifierSettings
from tests.support.aws import Aws
from tests.support.directory import FakePeople
from tests.support.lambdas import Context, new_user
from tests.support.notifier import notifier as notifier_of
from tests.support.pushes import FILTER, FakeSender, addresses, http, liked, message, pusher, sqs, subscribed
from tests.support.told import Friends
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("function_of_pushes")


def test_absent_people_get_one_push_in_their_language() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    phone, desk, old = subscribed(bob, "phone", "desk", "old")
    sender.gone.add(old)
    sender.failing.add(desk)
    push = pusher(sender, FakePeople(locales={bob: "ja"}))
    with pytest.raises(PushFailed, match="1 of 3 pushes failed"):
        push.handle(message(ann, bob))
    assert [endpoint for endpoint, _ in sender.sent] == [phone]
    assert addresses(bob) == {phone, desk}
    assert {one.address: one.failure for one in DeviceRepository("notifications").of_user(bob)} == {
        phone: None,
        desk: "503",
    }
    sender.failing.clear()
    assert push.handle(message(ann, bob)) == 1
    assert push.handle(message(ann, bob)) == 0
    assert [endpoint for endpoint, _ in sender.sent] == [phone, desk]
    assert all(one.last_used_at and not one.failure for one in DeviceRepository("notifications").of_user(bob))
    payload = sender.sent[0][1]
    assert payload["title"].endswith("さんからメッセージ")
    assert (payload["body"], payload["url"]) == ("hello", "/messages/k")


def test_nothing_else_is_read_for_people_without_devices() -> None:
    sender, ann, bob, cid = FakeSender(), new_user(), new_user(), new_user()
    asked: list[Collection[str]] = []
    graph = Friends()
    graph.of = lambda user_ids: asked.append(user_ids) or {}  # type: ignore[method-assign]
    push = replace(pusher(sender), filter=NotificationFilter(graph, graph, lambda _: {}))
    assert push.handle(message(ann, bob)) == 0
    assert not asked
    (phone,) = subscribed(cid, "phone")
    assert push.handle(message(ann, cid)) == 1
    assert (asked, [address for address, _ in sender.sent]) == ([{cid}], [phone])


def test_a_retried_push_has_the_current_text() -> None:
    sender, ann, bob, cid = FakeSender(), new_user(), new_user(), new_user()
    (phone,) = subscribed(bob, "phone")
    sender.failing.add(phone)
    push, told = pusher(sender), notifier_of(FILTER)
    first, second = message(ann, bob), message(cid, bob)
    for event in (first, second):
        told.handle(event)
        with pytest.raises(PushFailed):
            push.handle(event)
    told.handle(ChatMessageDeleted(cause="d", actor=ann, conversation_id="k", message_id=f"m{ann}"))
    told.handle(ChatMessageEdited(cause="e", actor=cid, conversation_id="k", message_id=f"m{cid}", preview="changed"))
    sender.failing.clear()
    assert [push.handle(event) for event in (first, second)] == [0, 1]
    assert [payload["body"] for _, payload in sender.sent] == ["changed"]


def test_a_connected_person_gets_no_push_but_may_send_a_test_push() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    (phone,) = subscribed(bob, "phone")
    push = pusher(sender, present=True)
    assert push.handle(liked(bob, ann)) == 0
    assert sender.sent == []
    (device,) = DeviceRepository("notifications").of_user(bob)
    asked = NotificationTestRequested(cause="c", actor=bob, user_id=bob, device_id=device.id)
    assert push.handle(asked) == 1
    assert [(endpoint, payload["url"]) for endpoint, payload in sender.sent] == [(phone, "/settings/notifications")]
    asked = NotificationTestRequested(cause="d", actor=ann, user_id=ann, device_id=device.id)
    assert push.handle(asked) == 0


def test_a_seemingly_connected_person_is_notified_of_an_undelivered_message(
    fresh: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They get the push of an absent person; a person notified of the sent message gets no second one."""
    sender, transport = FakeSender(), FakeTransport()
    ann, bob, cid = (fresh.person() for _ in range(3))
    transport.open(bob, "laptop")
    monkeypatch.setattr(functions, "transport", lambda: transport)
    connected = {bob: True, cid: False}
    for person, there in connected.items():
        (phone,) = subscribed(person, "phone")
        push = pusher(sender, present=there)
        sent, late = (message(ann, person, kind) for kind in (ChatMessageSent, ChatMessageUnreceived))
        assert functions.notifier(sqs(sent.to_json()), Context()) == {"batchItemFailures": []}
        told = len(http("GET", "/notifications", person).body["items"])
        assert (told, push.handle(sent)) == ((0, 0) if there else (1, 1))
        assert functions.notifier(sqs(late.to_json(), late.to_json()), Context()) == {"batchItemFailures": []}
        (shown,) = http("GET", "/notifications", person).body["items"]
        assert (shown["type"], shown["count"], shown["conversationId"]) == ("message", 1, "k")
        assert push.handle(late) == (1 if there else 0)
        assert push.handle(late) == 0
        assert [endpoint for endpoint, _ in sender.sent if endpoint == phone] == [phone]


def test_a_test_push_is_requested_by_an_event(fresh: Aws) -> None:
    bob = fresh.person()
    subscribed(bob, "phone")
    (device,) = http("GET", "/push-subscriptions", bob).body["items"]
    assert http("POST", f"/push-subscriptions/{device['id']}/test", bob).status == 202
    (asked,) = fresh.published(lambda event: event["actor"] == bob, 1)
    assert (asked["type"], asked["data"]) == ("notification.test_requested", {"userId": bob, "deviceId": device["id"]})


def test_a_host_that_is_no_longer_allowed_loses_its_subscriptions() -> None:
    ann, bob = new_user(), new_user()
    subscribed(bob, "phone")
    push = pusher(WebPush(lambda: "key", "mailto:a@example.com", ["other.example.com"]))  # type: ignore[arg-type]
    assert push.handle(liked(bob, ann)) == 0
    assert addresses(bob) == set()


def test_a_failed_push_fails_its_record_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sender, ann, bob, cid = FakeSender(), new_user(), new_user(), new_user()
    (bad,), (good,) = subscribed(bob, "phone"), subscribed(cid, "phone")
    sender.failing.add(bad)
    monkeypatch.setattr(functions, "build_browsers", lambda settings: pusher(sender))
    monkeypatch.setattr(functions, "pusher", functions.pusher.compose(BrowserSettings.read()))
    answer = functions.pusher(sqs(liked(bob, ann).to_json(), liked(cid, ann).to_json()), Context())
    assert answer["batchItemFailures"] == [{"itemIdentifier": "0"}]
    assert [endpoint for endpoint, _ in sender.sent] == [good]


def test_a_record_that_always_fails_is_dead_lettered_with_the_reason(
    fresh: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues = fresh.client("sqs")
    dead = queues.create_queue(QueueName=f"dead-{new_user()}")["QueueUrl"]
    monkeypatch.setenv("DEAD_LETTER_QUEUE", dead)
    notifier = functions.notifier.compose(NotifierSettings.read())
    event = sqs("garbage", "rubbish")
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "3"
    event["Records"][1]["attributes"]["ApproximateReceiveCount"] = "2"
    assert notifier(event, Context())["batchItemFailures"] == [{"itemIdentifier": "1"}]
    (given_up,) = queues.receive_message(QueueUrl=dead, MessageAttributeNames=["All"])["Messages"]
    told = {name: value["StringValue"] for name, value in given_up["MessageAttributes"].items()}
    assert (given_up["Body"], told["receives"], told["messageId"]) == ("garbage", "3", "0")
    assert told["reason"].startswith("JSONDecodeError")


def test_a_record_that_the_dead_letter_queue_refuses_stays_in_its_queue(
    fresh: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEAD_LETTER_QUEUE", "http://127.0.0.1:9/000000000000/none")
    notifier = functions.notifier.compose(NotifierSettings.read())
    event = sqs("garbage")
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "3"
    assert notifier(event, Context())["batchItemFailures"] == [{"itemIdentifier": "0"}]
