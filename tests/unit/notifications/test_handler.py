"""The functions of notifications as queues and the gateway call them, up to a real encrypted push."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from services.common import events
from services.common.events import DomainEvent
from services.notifications import commands
from services.notifications import handler as functions
from services.notifications.adapter import PushFailed, SubscriptionGone
from services.notifications.commands import Notifier, Pusher
from services.notifications.repository import NotificationRepository, PushRepository
from services.notifications.subscriptions import Subscription
from services.query import handler as query
from tests.support.aws import Aws
from tests.support.directory import FakePeople
from tests.support.lambdas import Answer, Context, call_http, new_user

POINT = base64.urlsafe_b64encode(b"\x04" + bytes(64)).decode()
AUTH = base64.urlsafe_b64encode(bytes(16)).decode()
BAD_KEYS = {"p256dh": "a", "auth": "b"}
HOSTS = ["push.example.com"]


@pytest.fixture(autouse=True)
def _configured(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.common.settings import settings

    monkeypatch.setenv("PUSH_ALLOWED_HOSTS", ",".join(HOSTS))
    settings.cache_clear()


class FakeSender:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.gone: set[str] = set()
        self.failing: set[str] = set()

    def send(self, subscription: Subscription, payload: Mapping[str, Any]) -> None:
        if subscription.endpoint in self.gone:
            raise SubscriptionGone
        if subscription.endpoint in self.failing:
            raise PushFailed("503")
        self.sent.append((subscription.endpoint, payload))


def liked(author: str, actor: str, post: str = "p") -> DomainEvent:
    return events.event("post.liked", cause=f"{post}{actor}", actor=actor,
                        data={"postId": post, "authorId": author, "userId": actor})  # fmt: skip


def message(sender: str, recipient: str) -> DomainEvent:
    data = {"conversationId": "k", "messageId": f"m{sender}", "seq": 1, "senderId": sender}
    data |= {"recipientIds": [recipient], "preview": "hello", "conversationKind": "direct", "title": None}
    data |= {"mentionIds": [], "requestIds": []}
    return events.event("chat.message_sent", cause="c", actor=sender, data=data)


def sqs(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [{"messageId": str(number), "body": body, "attributes": {}} for number, body in enumerate(bodies)]
    }


def frames(fresh: Aws, user: str) -> list[dict[str, Any]]:
    sent = [one["kinesis"] for one in fresh.stream_records() if one["kinesis"]["partitionKey"] == user]
    return [json.loads(base64.b64decode(one["data"]))["frame"] for one in sent]


def http(method: str, path: str, user: str | None, body: Any = None, parameters: str = "") -> Answer:
    handler = query.handler if method == "GET" else functions.handler
    return call_http(handler, method, f"/v1{path}", user=user, body=body, query=parameters)


def test_an_event_becomes_a_notification_and_a_frame_and_bad_ones_fail_alone(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    wrapped = json.dumps({"Type": "Notification", "Message": liked(bob, ann).to_json()})
    answer = functions.notifier(sqs(wrapped, "garbage", liked(bob, ann).to_json()), Context())
    assert answer["batchItemFailures"] == [{"itemIdentifier": "1"}]
    (shown,) = http("GET", "/notifications", bob).body["items"]
    assert (shown["type"], shown["actor"]["id"], shown["read"], shown["postId"]) == ("like", ann, False, "p")
    assert shown["actor"]["handle"]
    first, again = frames(fresh, bob)
    assert first["type"] == "notification.created"
    assert first["data"] == {"notification": shown, "unread": 1}
    assert first["eventId"] == again["eventId"]
    assert http("GET", "/notifications/unread", bob).body == {"count": 1}
    assert http("GET", "/notifications", ann).body["items"] == []


def test_reading_is_told_to_all_devices(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    functions.notifier(sqs(liked(bob, ann).to_json(), liked(bob, ann, "q").to_json()), Context())
    page = http("GET", "/notifications", bob, parameters="limit=1").body
    newest = page["items"][0]["id"]
    assert http("PUT", "/notifications/read", bob, {"upTo": newest}).status == 204
    assert http("GET", "/notifications/unread", bob).body == {"count": 0}
    assert all(one["read"] for one in http("GET", "/notifications", bob).body["items"])
    told = [frame["data"] for frame in frames(fresh, bob) if frame["type"] == "notification.unread"]
    assert told == [{"unread": 0}]
    older = http("GET", "/notifications", bob, parameters=f"limit=1&cursor={page['older']}").body
    assert older["items"][0]["postId"] == "p"


def test_a_message_on_the_screen_is_no_notification() -> None:
    told: list[Any] = []
    ann, bob, cid = new_user(), new_user(), new_user()
    notifier = Notifier(NotificationRepository(), FakePeople(), lambda user: user == bob, told.extend)
    assert notifier.handle(message(ann, bob)) == 0
    assert notifier.handle(message(ann, cid)) == 1
    assert [one.users for one in told] == [[cid]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/notifications/read", {}, 400),
        ("PUT", "/notifications/read", {"upTo": 1}, 400),
        ("PUT", "/notifications/read", {"upTo": "x"}, 400),
        ("PUT", "/notifications/nothing", {}, 404),
        ("PUT", "/push-subscriptions", {"endpoint": "https://push.example.com/1"}, 400),
        ("PUT", "/push-subscriptions", {"endpoint": "https://evil/", "keys": {"p256dh": POINT, "auth": AUTH}}, 400),
        ("PUT", "/push-subscriptions", {"endpoint": "https://push.example.com/", "keys": BAD_KEYS}, 400),
        ("DELETE", "/push-subscriptions", {}, 400),
        ("DELETE", "/push-subscriptions", "no json", 400),
    ],
)  # fmt: skip
def test_bad_input_is_answered_with_a_problem(method: str, path: str, body: Any, status: int) -> None:
    answer = http(method, path, new_user(), body)
    assert (answer.status, answer.body["status"]) == (status, status)


def test_routes_need_an_identity_and_show_only_ones_own() -> None:
    subscription = {"endpoint": "https://push.example.com/1", "keys": {"p256dh": POINT, "auth": AUTH}}
    for method, path, body in [
        ("PUT", "/notifications/read", {"upTo": "01J00000000000000000000000"}),
        ("PUT", "/push-subscriptions", subscription),
        ("DELETE", "/push-subscriptions", {"endpoint": "https://push.example.com/1"}),
        ("GET", "/notifications", None),
        ("GET", "/notifications/unread", None),
    ]:
        assert http(method, path, None, body).status == 403
    ann, bob = new_user(), new_user()
    assert http("PUT", "/push-subscriptions", ann, subscription).status == 204
    assert http("DELETE", "/push-subscriptions", bob, {"endpoint": subscription["endpoint"]}).status == 204
    assert len(PushRepository().of_user(ann)) == 1
    assert http("DELETE", "/push-subscriptions", ann, {"endpoint": subscription["endpoint"]}).status == 204
    assert PushRepository().of_user(ann) == []
    assert http("GET", "/notifications", ann, parameters="cursor=garbage").status == 400


def subscribed(user: str, *names: str) -> list[str]:
    endpoints = [f"https://push.example.com/{user}/{name}" for name in names]
    for endpoint in endpoints:
        PushRepository().save(Subscription(user, endpoint, POINT, AUTH))
    return endpoints


def test_those_who_are_away_are_pushed_to_once_in_their_language() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    phone, desk, old = subscribed(bob, "phone", "desk", "old")
    sender.gone.add(old)
    sender.failing.add(desk)
    people = FakePeople(locales={bob: "ja"})
    pusher = Pusher(PushRepository(), people, lambda user: False, sender, HOSTS)
    with pytest.raises(PushFailed, match="1 pushes failed"):
        pusher.handle(message(ann, bob))
    assert [endpoint for endpoint, _ in sender.sent] == [phone]
    assert {one.endpoint for one in PushRepository().of_user(bob)} == {phone, desk}
    sender.failing.clear()
    assert pusher.handle(message(ann, bob)) == 1
    assert pusher.handle(message(ann, bob)) == 0
    assert [endpoint for endpoint, _ in sender.sent] == [phone, desk]
    payload = sender.sent[0][1]
    assert payload["title"].endswith("さんからメッセージ")
    assert (payload["body"], payload["url"]) == ("hello", "/messages/k")


def test_whoever_is_connected_is_not_pushed_to() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    subscribed(bob, "phone")
    pusher = Pusher(PushRepository(), FakePeople(), lambda user: True, sender, HOSTS)
    assert pusher.handle(liked(bob, ann)) == 0
    assert sender.sent == []


def test_a_host_that_is_no_longer_allowed_loses_its_subscriptions() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    subscribed(bob, "phone")
    assert Pusher(PushRepository(), FakePeople(), lambda _: False, sender, ["other"]).handle(liked(bob, ann)) == 0
    assert (sender.sent, PushRepository().of_user(bob)) == ([], [])


def test_a_failed_push_fails_its_record_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sender, ann, bob, cid = FakeSender(), new_user(), new_user(), new_user()
    (bad,), (good,) = subscribed(bob, "phone"), subscribed(cid, "phone")
    sender.failing.add(bad)
    pusher = commands.Pusher(PushRepository(), FakePeople(), lambda _: False, sender, HOSTS)
    monkeypatch.setattr(functions, "_pusher", lambda: pusher)
    answer = functions.pusher(sqs(liked(bob, ann).to_json(), liked(cid, ann).to_json()), Context())
    assert answer["batchItemFailures"] == [{"itemIdentifier": "0"}]
    assert [endpoint for endpoint, _ in sender.sent] == [good]
