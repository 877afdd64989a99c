"""An incoming call to a person who is not connected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from services.common.clock import now, to_text
from services.common.events import CallRinging, CallRingingEnded, RoomRinging, RoomRingingEnded
from services.notifications.devices import Device, PushFailed
from tests.support.directory import FakePeople
from tests.support.lambdas import new_user
from tests.support.pushes import FakeSender, pusher, subscribed

pytestmark = pytest.mark.usefixtures("fresh")


def ringing(caller: str, callee: str, seconds: float = 30) -> CallRinging:
    until = to_text(now() + timedelta(seconds=seconds))
    return CallRinging(
        cause="k", actor=caller, call_id="k", caller_id=caller, callee_id=callee, media="video", until=until
    )


def ended(caller: str, callee: str) -> CallRingingEnded:
    return CallRingingEnded(cause="k", actor=caller, call_id="k", caller_id=caller, callee_id=callee)


def test_a_call_rings_once_on_each_device_and_stops_there() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    phone, laptop = subscribed(bob, "phone", "laptop")
    assert [pusher(sender).handle(ringing(ann, bob)) for _ in range(2)] == [2, 0]
    (_, payload), _ = sender.sent
    assert "is calling you on video" in payload["title"]
    assert (payload["url"], payload["tag"], payload["ring"]) == ("/calls", "call:k", True)
    assert 25 <= payload["ttl"] <= 30
    later = subscribed(bob, "later")[0]
    # The answering device is connected by now; its notification is closed too
    assert pusher(sender, present=True).handle(ended(ann, bob)) == 2
    closed = {address: payload for address, payload in sender.sent if payload.get("close")}
    assert set(closed) == {phone, laptop} and later not in closed
    assert {payload["tag"] for payload in closed.values()} == {"call:k"}


def test_a_call_is_pushed_neither_to_connected_people_nor_too_late() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    subscribed(bob, "phone")
    assert pusher(sender, present=True).handle(ringing(ann, bob)) == 0
    assert pusher(sender).handle(ringing(ann, bob, seconds=-1)) == 0
    assert pusher(sender).handle(ended(ann, bob)) == 0
    assert sender.sent == []


def test_a_failed_push_is_retried() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    sender.failing = set(subscribed(bob, "phone"))
    with pytest.raises(PushFailed):
        pusher(sender).handle(ringing(ann, bob))
    sender.failing = set()
    assert pusher(sender).handle(ringing(ann, bob)) == 1


def test_a_ringing_event_after_the_end_of_the_call_is_not_pushed() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    subscribed(bob, "phone")
    assert [pusher(sender).handle(one) for one in (ended(ann, bob), ringing(ann, bob))] == [0, 0]
    assert sender.sent == []


def test_a_call_answered_during_its_push_stops_ringing() -> None:
    ann, bob = new_user(), new_user()

    class Answering(FakeSender):
        """The call is answered while its push is in transit."""

        def send(self, device: Device, payload: Mapping[str, Any]) -> None:
            super().send(device, payload)
            if payload.get("ring"):
                assert pusher(self).handle(ended(ann, bob)) == 0

    sender = Answering()
    subscribed(bob, "phone")
    assert pusher(sender).handle(ringing(ann, bob)) == 1
    assert [payload.get("close", False) for _, payload in sender.sent] == [False, True]


def group_ringing(starter: str, *rung: str) -> RoomRinging:
    until = to_text(now() + timedelta(seconds=30))
    return RoomRinging(
        cause="r", actor=starter, room_id="r", conversation_id="c", title="Hikers", media="video",
        recipient_ids=rung, until=until,
    )  # fmt: skip


def group_silent(*users: str, room: str = "r") -> RoomRingingEnded:
    return RoomRingingEnded(cause="r1", actor=users[0], room_id=room, user_ids=users)


def test_a_group_call_rings_for_absent_members_and_opens_the_group() -> None:
    sender, ann, bob, cid = FakeSender(), new_user(), new_user(), new_user()
    (phone,), (tablet,) = subscribed(bob, "phone"), subscribed(cid, "tablet")
    people = FakePeople(locales={cid: "ja"})
    assert [pusher(sender, people).handle(group_ringing(ann, bob, cid)) for _ in range(2)] == [2, 0]
    told = dict(sender.sent)
    assert set(told) == {phone, tablet}
    assert "started a group video call" in told[phone]["title"] and "グループビデオ通話" in told[tablet]["title"]
    assert "Hikers" in told[phone]["body"]
    assert [told[phone][name] for name in ("url", "tag", "ring")] == ["/messages/c", "room:r", True]
    assert pusher(FakeSender(), present=True).handle(group_ringing(ann, bob)) == 0


def test_a_group_call_stops_ringing_for_attendees_and_for_all_at_its_end() -> None:
    sender, ann, bob, cid = FakeSender(), new_user(), new_user(), new_user()
    (phone,), (tablet,) = subscribed(bob, "phone"), subscribed(cid, "tablet")
    pusher(sender).handle(group_ringing(ann, bob, cid))
    sender.sent.clear()
    assert pusher(sender, present=True).handle(group_silent(bob)) == 1
    assert [(address, payload["tag"], payload["close"]) for address, payload in sender.sent] == [
        (phone, "room:r", True)
    ]
    sender.failing = {phone}
    with pytest.raises(PushFailed):
        pusher(sender).handle(group_silent(bob, cid))
    assert sender.sent[-1][0] == tablet
    assert pusher(sender).handle(group_silent(bob, cid, room="another")) == 0


def test_a_group_call_that_one_device_does_not_take_rings_on_the_others() -> None:
    sender, ann, bob, cid = FakeSender(), new_user(), new_user(), new_user()
    (phone,), (tablet,) = subscribed(bob, "phone"), subscribed(cid, "tablet")
    sender.failing = {phone}
    with pytest.raises(PushFailed):
        pusher(sender).handle(group_ringing(ann, bob, cid))
    assert [address for address, _ in sender.sent] == [tablet]
    sender.failing = set()
    assert pusher(sender).handle(group_ringing(ann, bob, cid)) == 1
