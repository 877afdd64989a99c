"""The functions of notifications, invoked as queues and the gateway invoke them, up to a real encrypted push."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from services.notifications import handler as functions
from services.notifications.repository import NotificationRepository
from tests.support.aws import Aws
from tests.support.lambdas import Answer, Context, new_user
from tests.support.notifier import notifier as notifier_of
from tests.support.pushes import AUTH, FILTER, POINT, FakeSender, http, liked, message, pusher, sqs, subscribed

pytestmark = pytest.mark.usefixtures("function_of_pushes")

BAD_KEYS = {"p256dh": "a", "auth": "b"}
QUIET = {"enabled": True, "start": "22:00", "end": "07:00", "timeZone": "UTC"}


def frames(fresh: Aws, user: str) -> list[dict[str, Any]]:
    sent = [one["kinesis"] for one in fresh.stream_records() if one["kinesis"]["partitionKey"] == user]
    return [json.loads(base64.b64decode(one["data"]))["frame"] for one in sent]


def test_an_event_becomes_a_notification_and_only_invalid_events_fail(fresh: Aws) -> None:
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
    assert http("GET", "/notifications/unread", bob).body == {
        "count": 1,
        "hidden": 0,
        "revision": 1,
        "readUpTo": "",
        "seenUpTo": "",
    }
    assert http("GET", "/notifications", ann).body["items"] == []


def test_all_devices_learn_that_a_notification_was_read(fresh: Aws) -> None:
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
        "seenUpTo": "",
    }
    assert all(one["read"] for one in http("GET", "/notifications", bob).body["items"])
    told = [frame["data"] for frame in frames(fresh, bob) if frame["type"] == "notification.unread"]
    assert told == [{"unread": 0, "revision": 3, "readUpTo": newest, "seenUpTo": None, "readId": None, "tag": None}]
    older = http("GET", "/notifications", bob, parameters=f"limit=1&cursor={page['older']}").body
    assert older["items"][0]["postId"] == "p"


def test_a_grouped_push_names_the_number_of_others_in_any_queue_order() -> None:
    sender, bob = FakeSender(), new_user()
    subscribed(bob, "browser")
    notifier = notifier_of(FILTER)
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


def test_a_message_on_the_recipients_screen_is_not_notified() -> None:
    told: list[Any] = []
    ann, bob, cid = new_user(), new_user(), new_user()
    notifier = notifier_of(FILTER, told.extend, lambda user: user == bob)
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


def test_routes_need_an_identity_and_show_only_own_notifications(fresh: Aws) -> None:
    subscription = {"endpoint": ENDPOINT, "keys": {"p256dh": POINT, "auth": AUTH}, "name": "Chrome · Linux"}
    ulid, device = "01J00000000000000000000000", "0" * 32
    for method, path, body in [
        ("PUT", "/notifications/read", {"upTo": ulid}),
        ("PUT", "/notifications/seen", {"upTo": ulid}),
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
    # Other people's devices cannot be listed, tested or removed.
    assert http("GET", "/push-subscriptions", bob).body == {"items": []}
    assert http("POST", f"/push-subscriptions/{mine['id']}/test", bob).status == 404
    assert http("DELETE", f"/push-subscriptions/{mine['id']}", bob).status == 204
    assert http("DELETE", "/push-subscriptions", bob, {"endpoint": ENDPOINT}).status == 204
    assert len(http("GET", "/push-subscriptions", ann).body["items"]) == 1
    assert http("DELETE", f"/push-subscriptions/{mine['id']}", ann).status == 204
    assert http("GET", "/push-subscriptions", ann).body == {"items": []}
    # Other people's notifications cannot be read, and their settings cannot be seen.
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


def test_notification_types_turned_off_are_not_stored(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    changed = http("PATCH", "/notifications/settings", bob, {"types": {"like": {"inApp": "nobody"}}})
    assert audience(changed, "like", "inApp") == "nobody"
    functions.notifier(sqs(liked(bob, ann).to_json()), Context())
    assert http("GET", "/notifications", bob).body["items"] == []
    http("PATCH", "/notifications/settings", bob, {"types": {"like": {"inApp": "everyone"}}})
    functions.notifier(sqs(liked(bob, ann).to_json()), Context())
    assert len(http("GET", "/notifications", bob, parameters="types=like,follow").body["items"]) == 1
    assert http("GET", "/notifications", bob, parameters="types=follow").body["items"] == []


def test_reading_one_notification_reaches_all_devices(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    functions.notifier(sqs(liked(bob, ann).to_json(), liked(bob, ann, "q").to_json()), Context())
    newest, older = http("GET", "/notifications", bob).body["items"]
    for _ in range(2):
        assert http("PUT", f"/notifications/{older['id']}/read", bob).status == 204
    assert [one["read"] for one in http("GET", "/notifications", bob).body["items"]] == [False, True]
    told = [frame["data"] for frame in frames(fresh, bob) if frame["type"] == "notification.unread"]
    assert told == [
        {"unread": 1, "revision": 3, "readUpTo": None, "seenUpTo": None, "readId": older["id"], "tag": "like#p"}
    ]
    assert newest["id"] != older["id"]
