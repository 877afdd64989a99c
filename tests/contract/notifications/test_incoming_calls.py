"""A call that rings for somebody who is not connected."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.common.clock import now, to_text
from services.common.events import CallRinging, CallRingingEnded
from services.notifications.devices import PushFailed
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


def test_a_call_rings_on_each_device_once_and_falls_silent_there() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    phone, laptop = subscribed(bob, "phone", "laptop")
    assert [pusher(sender).handle(ringing(ann, bob)) for _ in range(2)] == [2, 0]
    (_, payload), _ = sender.sent
    assert "is calling you on video" in payload["title"]
    assert (payload["url"], payload["tag"], payload["ring"]) == ("/calls", "call:k", True)
    assert 25 <= payload["ttl"] <= 30
    later = subscribed(bob, "later")[0]
    # The device that answered is connected by now, and its notification is closed too
    assert pusher(sender, present=True).handle(ended(ann, bob)) == 2
    closed = {address: payload for address, payload in sender.sent if payload.get("close")}
    assert set(closed) == {phone, laptop} and later not in closed
    assert {payload["tag"] for payload in closed.values()} == {"call:k"}


def test_a_call_rings_for_nobody_who_is_connected_and_for_nobody_too_late() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    subscribed(bob, "phone")
    assert pusher(sender, present=True).handle(ringing(ann, bob)) == 0
    assert pusher(sender).handle(ringing(ann, bob, seconds=-1)) == 0
    assert pusher(sender).handle(ended(ann, bob)) == 0
    assert sender.sent == []


def test_a_push_that_fails_is_tried_again() -> None:
    sender, ann, bob = FakeSender(), new_user(), new_user()
    sender.failing = set(subscribed(bob, "phone"))
    with pytest.raises(PushFailed):
        pusher(sender).handle(ringing(ann, bob))
    sender.failing = set()
    assert pusher(sender).handle(ringing(ann, bob)) == 1
