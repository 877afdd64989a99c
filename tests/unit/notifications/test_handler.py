"""The functions of notifications as queues and the gateway call them, up to a real encrypted push."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from services.common.events import (
    AboutMessage,
    ChatMessageSent,
    ChatMessageUnreceived,
    DomainEvent,
    NotificationTestRequested,
    PostLiked,
)
from services.common.relations import Relation
from services.notifications import handler as functions
from services.notifications.adapter import WebPush
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device, DeviceGone, PushFailed
from services.notifications.filtering import MuteRules, NotificationFilter, Pair
from services.notifications.notifier import Notifier
from services.notifications.preferences import Channel, Preferences
from services.notifications.pushing import Pusher
from services.notifications.repository import NotificationRepository
from services.notifications.settings import BrowserSettings, NotificationSettings, NotifierSettings
from services.query import handler as query
from tests.support.aws import Aws
from tests.support.directory import FakePeople
from tests.support.lambdas import Answer, Context, call_http, new_user
from tests.support.transport import FakeTransport

POINT = base64.urlsafe_b64encode(b"\x04" + bytes(64)).decode()
AUTH = base64.urlsafe_b64encode(bytes(16)).decode()
BAD_KEYS = {"p256dh": "a", "auth": "b"}
HOSTS = ["push.example.com"]
QUIET = {"enabled": True, "start": "22:00", "end": "07:00", "timeZone": "UTC"}


@pytest.fixture(autouse=True)
def _configured(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH_ALLOWED_HOSTS", ",".join(HOSTS))
    monkeypatch.setattr(functions, "handler", functions.handler.compose(NotificationSettings.read()))


class FakeSender:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.gone: set[str] = set()
        self.failing: set[str] = set()

    def send(self, device: Device, payload: Mapping[str, Any]) -> None:
        if device.address in self.gone:
            raise DeviceGone
        if device.address in self.failing:
            raise PushFailed("503")
        self.sent.append((device.address, payload))


class Friends:
    """Everybody follows everybody; nobody has chosen anything."""

    def standings(self, pairs: Collection[Pair]) -> tuple[Mapping[Pair, Relation], Mapping[str, MuteRules]]:
        return {pair: Relation(follows=True) for pair in pairs}, {}

    def of(self, user_ids: Collection[str]) -> Mapping[str, Preferences]:
        return {}


FILTER = NotificationFilter(Friends(), Friends(), lambda _: {})


def pusher(sender: FakeSender, people: FakePeople | None = None, present: bool = False) -> Pusher:
    devices, others = DeviceRepository("notifications"), NotificationRepository("notifications").others_of_group
    return Pusher(
        Channel.WEB_PUSH, devices, people or FakePeople(), FILTER, lambda _: present, sender, others
    )  # fmt: skip


def liked(author: str, actor: str, post: str = "p") -> DomainEvent:
    return PostLiked(cause=f"{post}{actor}", actor=actor, post_id=post, author_id=author, user_id=actor)


def message(sender: str, recipient: str, kind: type[AboutMessage] = ChatMessageSent) -> DomainEvent:
    return kind(
        cause="c", actor=sender, conversation_id="k", conversation_kind="direct", message_id=f"m{sender}", seq=1,
        sender_id=sender, recipient_ids=(recipient,), preview="hello",
    )  # fmt: skip


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
    assert first["data"] == {"notification": shown, "unread": 1, "revision": 1}
    assert first["eventId"] == again["eventId"]
    assert http("GET", "/notifications/unread", bob).body == {"count": 1, "hidden": 0, "revision": 1, "readUpTo": ""}
    assert http("GET", "/notifications", ann).body["items"] == []


def test_reading_is_told_to_all_devices(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    functions.notifier(sqs(liked(bob, ann).to_json(), liked(bob, ann, "q").to_json()), Context())
    page = http("GET", "/notifications", bob, parameters="limit=1").body
    newest = page["items"][0]["id"]
    assert http("PUT", "/notifications/read", bob, {"upTo": newest}).status == 204
    assert http("GET", "/notifications/unread", bob).body == {
        "count": 0,
        "hidden": 0,
        "revision": 3,
        "readUpTo": newest,
    }
    assert all(one["read"] for one in http("GET", "/notifications", bob).body["items"])
    told = [frame["data"] for frame in frames(fresh, bob) if frame["type"] == "notification.unread"]
    assert told == [{"unread": 0, "revision": 3, "readUpTo": newest, "readId": None}]
    older = http("GET", "/notifications", bob, parameters=f"limit=1&cursor={page['older']}").body
    assert older["items"][0]["postId"] == "p"


def test_a_push_of_a_group_says_how_many_others_whichever_queue_is_first() -> None:
    sender, bob = FakeSender(), new_user()
    subscribed(bob, "browser")
    notifier = Notifier(NotificationRepository("notifications"), FakePeople(), FILTER, lambda _: False, lambda _: None)
    first, second, third = (liked(bob, new_user()) for _ in range(3))
    for push_before, event in ((True, first), (True, second), (False, third)):
        for handle in (pusher(sender).handle, notifier.handle)[:: 1 if push_before else -1]:
            handle(event)
    read = NotificationRepository("notifications")
    read.mark_read(bob, read.page(bob, None, 1)[0].id)
    pusher(sender).handle(liked(bob, new_user()))
    titles = [payload["title"].partition(" liked")[0] for _, payload in sender.sent]
    assert [title.partition(" and ")[2] for title in titles] == ["", "1 other", "2 others", ""]
    assert len({payload["tag"] for _, payload in sender.sent}) == 1


def test_a_message_on_the_screen_is_no_notification() -> None:
    told: list[Any] = []
    ann, bob, cid = new_user(), new_user(), new_user()
    notifier = Notifier(
        NotificationRepository("notifications"), FakePeople(), FILTER, lambda user: user == bob, told.extend
    )
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
        ("PUT", "/notifications/x/read", None, 400),
        ("PATCH", "/notifications/settings", {"types": {"nonsense": {}}}, 400),
        ("PATCH", "/notifications/settings", {"types": {"like": {"telegram": "everyone"}}}, 400),
        ("PATCH", "/notifications/settings", {"types": {"like": {"inApp": "all"}}}, 400),
        ("PATCH", "/notifications/settings", {"types": {"moderation": {"inApp": "nobody"}}}, 400),
        ("PATCH", "/notifications/settings", {"types": {"poll_ended": {"inApp": "following"}}}, 400),
        ("PATCH", "/notifications/settings", {"quietHours": {"enabled": True}}, 400),
        ("PATCH", "/notifications/settings", {"quietHours": {**QUIET, "start": "24:00"}}, 400),
        ("PATCH", "/notifications/settings", {"quietHours": {**QUIET, "timeZone": "Mars/Olympus"}}, 400),
        ("PATCH", "/notifications/settings", {"quietHours": {**QUIET, "timeZone": "../../etc/passwd"}}, 400),
        ("PUT", "/push-subscriptions/mobile", {"platform": "pager", "token": "t" * 20}, 400),
        ("PUT", "/push-subscriptions/mobile", {"platform": "fcm", "token": "with space"}, 400),
        ("PUT", "/push-subscriptions/mobile", {"platform": "fcm", "token": "t" * 20}, 422),
        ("POST", "/push-subscriptions/x/test", None, 400),
        ("POST", f"/push-subscriptions/{'0' * 32}/test", None, 404),
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


ENDPOINT = "https://push.example.com/1"


def test_routes_need_an_identity_and_show_only_ones_own(fresh: Aws) -> None:
    subscription = {"endpoint": ENDPOINT, "keys": {"p256dh": POINT, "auth": AUTH}, "name": "Chrome · Linux"}
    ulid, device = "01J00000000000000000000000", "0" * 32
    for method, path, body in [
        ("PUT", "/notifications/read", {"upTo": ulid}),
        ("PUT", f"/notifications/{ulid}/read", None),
        ("PATCH", "/notifications/settings", {}),
        ("PUT", "/push-subscriptions", subscription),
        ("PUT", "/push-subscriptions/mobile", {"platform": "fcm", "token": "t" * 20}),
        ("DELETE", "/push-subscriptions", {"endpoint": ENDPOINT}),
        ("DELETE", f"/push-subscriptions/{device}", None),
        ("POST", f"/push-subscriptions/{device}/test", None),
        ("GET", "/notifications", None),
        ("GET", "/notifications/unread", None),
        ("GET", "/notifications/settings", None),
        ("GET", "/push-subscriptions", None),
    ]:
        assert http(method, path, None, body).status == 403, path
    ann, bob = fresh.person(), fresh.person()
    assert http("PUT", "/push-subscriptions", ann, subscription).status == 204
    (mine,) = http("GET", "/push-subscriptions", ann).body["items"]
    assert {key: mine[key] for key in ("channel", "name", "service", "lastUsedAt", "failure")} == {
        "channel": "webPush", "name": "Chrome · Linux", "service": "push.example.com",
        "lastUsedAt": None, "failure": None,
    }  # fmt: skip
    assert ENDPOINT not in json.dumps(mine)
    # Somebody else's device cannot be seen, tested, or taken away.
    assert http("GET", "/push-subscriptions", bob).body == {"items": []}
    assert http("POST", f"/push-subscriptions/{mine['id']}/test", bob).status == 404
    assert http("DELETE", f"/push-subscriptions/{mine['id']}", bob).status == 204
    assert http("DELETE", "/push-subscriptions", bob, {"endpoint": ENDPOINT}).status == 204
    assert len(http("GET", "/push-subscriptions", ann).body["items"]) == 1
    assert http("DELETE", f"/push-subscriptions/{mine['id']}", ann).status == 204
    assert http("GET", "/push-subscriptions", ann).body == {"items": []}
    # Nor can somebody else's notification be read, nor their settings be seen.
    functions.notifier(sqs(liked(bob, ann, "secret").to_json()), Context())
    (told,) = http("GET", "/notifications", bob).body["items"]
    assert http("PUT", f"/notifications/{told['id']}/read", ann).status == 204
    assert http("GET", "/notifications/unread", bob).body["count"] == 1
    assert http("PATCH", "/notifications/settings", ann, {"types": {"like": {"inApp": "nobody"}}}).status == 200
    assert audience(http("GET", "/notifications/settings", bob), "like", "inApp") == "everyone"
    assert http("GET", "/notifications", ann, parameters="cursor=garbage").status == 400
    assert http("GET", "/notifications", ann, parameters="types=nonsense").status == 400


def audience(answer: Answer, kind: str, channel: str) -> str:
    (row,) = [row for row in answer.body["types"] if row["type"] == kind]
    return str(row["channels"][channel]["audience"])


def test_what_somebody_does_not_want_does_not_come(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    changed = http("PATCH", "/notifications/settings", bob, {"types": {"like": {"inApp": "nobody"}}})
    assert audience(changed, "like", "inApp") == "nobody"
    functions.notifier(sqs(liked(bob, ann).to_json()), Context())
    assert http("GET", "/notifications", bob).body["items"] == []
    http("PATCH", "/notifications/settings", bob, {"types": {"like": {"inApp": "everyone"}}})
    functions.notifier(sqs(liked(bob, ann).to_json()), Context())
    assert len(http("GET", "/notifications", bob, parameters="types=like,follow").body["items"]) == 1
    assert http("GET", "/notifications", bob, parameters="types=follow").body["items"] == []


def test_one_is_read_on_all_devices(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    functions.notifier(sqs(liked(bob, ann).to_json(), liked(bob, ann, "q").to_json()), Context())
    newest, older = http("GET", "/notifications", bob).body["items"]
    for _ in range(2):
        assert http("PUT", f"/notifications/{older['id']}/read", bob).status == 204
    assert [one["read"] for one in http("GET", "/notifications", bob).body["items"]] == [False, True]
    told = [frame["data"] for frame in frames(fresh, bob) if frame["type"] == "notification.unread"]
    assert told == [{"unread": 1, "revision": 3, "readUpTo": None, "readId": older["id"]}]
    assert newest["id"] != older["id"]


def subscribed(user: str, *names: str) -> list[str]:
    endpoints = [f"https://push.example.com/{user}/{name}" for name in names]
    for endpoint in endpoints:
        DeviceRepository("notifications").save(Device(user, Channel.WEB_PUSH, endpoint, "", POINT, AUTH))
    return endpoints


def addresses(user: str) -> set[str]:
    return {one.address for one in DeviceRepository("notifications").of_user(user)}


def test_those_who_are_away_are_pushed_to_once_in_their_language() -> None:
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


def test_whoever_is_connected_is_not_pushed_to_but_may_test() -> None:
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


def test_who_seems_connected_is_told_of_a_message_that_has_not_arrived(
    fresh: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those who are away are; and who was told that it was sent hears nothing more."""
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


def test_a_test_is_asked_for_by_an_event(fresh: Aws) -> None:
    bob = fresh.person()
    subscribed(bob, "phone")
    (device,) = http("GET", "/push-subscriptions", bob).body["items"]
    assert http("POST", f"/push-subscriptions/{device['id']}/test", bob).status == 202
    (asked,) = fresh.published(lambda event: event["actor"] == bob, 1)
    assert (asked["type"], asked["data"]) == ("notification.test_requested", {"userId": bob, "deviceId": device["id"]})


def test_a_host_that_is_no_longer_allowed_loses_its_subscriptions() -> None:
    ann, bob = new_user(), new_user()
    subscribed(bob, "phone")
    push = pusher(WebPush("key", "mailto:a@example.com", ["other.example.com"]))  # type: ignore[arg-type]
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


def test_a_record_that_fails_for_ever_is_given_up_with_the_reason(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_what_a_dead_letter_queue_does_not_take_stays_in_its_queue(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEAD_LETTER_QUEUE", "http://127.0.0.1:9/000000000000/none")
    notifier = functions.notifier.compose(NotifierSettings.read())
    event = sqs("garbage")
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "3"
    assert notifier(event, Context())["batchItemFailures"] == [{"itemIdentifier": "0"}]
