"""Events that cause pushes, devices with subscriptions, and a sender that records its pushes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from services.common.events import (
    AboutMessage,
    ChatMessageSent,
    DomainEvent,
    PostLiked,
)
from services.notifications import handler as functions
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device, DeviceGone, PushFailed
from services.notifications.filtering import NotificationFilter
from services.notifications.preferences import Channel
from services.notifications.pushing import Pusher
from services.notifications.repository import NotificationRepository
from services.query import handler as query
from tests.support.directory import FakePeople
from tests.support.lambdas import Answer, call_http
from tests.support.told import Friends

POINT = base64.urlsafe_b64encode(b"\x04" + bytes(64)).decode()
AUTH = base64.urlsafe_b64encode(bytes(16)).decode()


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


FILTER = NotificationFilter(Friends(), Friends(), lambda _: {})


def pusher(sender: FakeSender, people: FakePeople | None = None, present: bool = False) -> Pusher:
    devices, kept = DeviceRepository("notifications"), NotificationRepository("notifications")
    return Pusher(
        Channel.WEB_PUSH, devices, people or FakePeople(), FILTER, lambda _: present, sender, kept.others_of_group,
        kept.as_it_stands,
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


def subscribed(user: str, *names: str) -> list[str]:
    endpoints = [f"https://push.example.com/{user}/{name}" for name in names]
    for endpoint in endpoints:
        DeviceRepository("notifications").save(Device(user, Channel.WEB_PUSH, endpoint, "", POINT, AUTH))
    return endpoints


def addresses(user: str) -> set[str]:
    return {one.address for one in DeviceRepository("notifications").of_user(user)}


def http(method: str, path: str, user: str | None, body: Any = None, parameters: str = "") -> Answer:
    handler = query.handler if method == "GET" else functions.handler
    return call_http(handler, method, f"/v1{path}", user=user, body=body, query=parameters)
