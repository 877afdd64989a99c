"""Consumers and push services that crash on the running stack: each notification in progress arrives once."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from kit.client import Endpoints
from kit.drills.letters import holding
from kit.redrive.queues import dead_letters
from kit.settings import Settings
from kit.supervisor import records
from services.common.events import DomainEvent, PostPublished, PostReference, UserFollowed
from tests.e2e.test_notifications import browser_of, push_service, pushed
from tests.support.drills import Backstage, freeze, kill, thaw
from tests.support.people import Person, Town, eventually

__all__ = ["push_service"]
pytestmark = pytest.mark.alone
#: The queue redelivers a batch after the visibility timeout (30 s); processing comes on top.
_AGAIN_SECONDS = 120
_BATCH = 10


@pytest.fixture(scope="module")
def backstage(endpoints: Endpoints) -> Backstage:
    if "pushUrl" not in endpoints.document:
        pytest.skip("processes are killed where the network runs on this machine only")
    return Backstage()


def send_batch(backstage: Backstage, queue: str, told: list[DomainEvent]) -> None:
    sqs = backstage.client("sqs")
    (found,) = [one for one in dead_letters(sqs) if one.short == queue and one.source]
    entries = [{"Id": str(number), "MessageBody": one.to_json()} for number, one in enumerate(told)]
    assert not sqs.send_message_batch(QueueUrl=found.source, Entries=entries).get("Failed")


def given_up(backstage: Backstage, mark: str) -> list[dict[str, Any]]:
    """Dead letters of notifications that contain ``mark``; they remain in the queue."""
    sqs, found = backstage.client("sqs"), list[dict[str, Any]]()
    for queue in dead_letters(sqs):
        if queue.waiting and queue.short.startswith("notifications-"):
            found += holding(sqs, queue.url, mark)
    return found


def followed(by: str, whom: Person) -> DomainEvent:
    return UserFollowed(cause=uuid.uuid4().hex, actor=by, follower_id=by, followee_id=whom.id, edge_version=1)


def test_a_pusher_killed_mid_batch_loses_no_push(backstage: Backstage, town: Town, push_service: httpx.Client) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    slow, quick = browser_of(bob, push_service), browser_of(bob, push_service)
    # The newest device is pushed to first. The other's service delays less than the pusher's timeout of 5 s.
    push_service.put(f"/subscriptions/{slow}/behaviour", json={"delay_seconds": 4})
    post = ann.post("for the reply")["id"]
    reply = PostPublished(
        cause=uuid.uuid4().hex,
        actor=ann.id,
        post_id=post,
        author_id=ann.id,
        visibility="public",
        reply_to=PostReference("root", bob.id),
        created_at="2026-01-01T00:00:00.000Z",
    )
    send_batch(backstage, "notifications-push", [followed(ann.id, bob), reply])
    eventually(lambda: backstage.facts(bob.id, "PUSHED#"), bool, "the first push to be noted")
    holders = backstage.environments("asyncsns-pusher")
    assert holders, "no consumer holds the batch: the push service answered too early"
    for holder in holders:
        kill(holder)
    push_service.put(f"/subscriptions/{slow}/behaviour", json={"delay_seconds": 0})
    for browser in (quick, slow):
        eventually(lambda b=browser: tags(push_service, b), lambda two: len(two) == 2, "both", _AGAIN_SECONDS)
    # Recorded pushes are not sent again; those that may have been sent are repeated with the same tag.
    assert len(pushed(push_service, quick)) == 2
    assert len(pushed(push_service, slow)) <= 3
    assert given_up(backstage, bob.id) == []


def tags(push_service: httpx.Client, browser: str) -> set[str]:
    return {json.dumps(one["tag"]) for one in pushed(push_service, browser)}


@pytest.mark.long
def test_a_notifier_killed_mid_batch_notifies_each_event_once(backstage: Backstage, town: Town) -> None:
    for _ in range(5):
        bob = town.person("Bob")
        send_batch(backstage, "notifications-inapp", [followed(str(uuid.uuid4()), bob) for _ in range(_BATCH)])
        if caught_in_the_middle(backstage, bob):
            break
    else:
        pytest.fail("five times the whole batch was told before it could be stopped")
    (told,) = eventually(
        lambda: bob.api.get("/v1/notifications")["items"],
        lambda items: [one["count"] for one in items] == [_BATCH],
        "one notification for the whole batch",
        _AGAIN_SECONDS,
    )
    assert told["type"] == "follow"
    assert bob.api.get("/v1/notifications/unread")["count"] == 1
    assert given_up(backstage, bob.id) == []


def caught_in_the_middle(backstage: Backstage, bob: Person) -> bool:
    """Stop the notifier once it has written a notification, and kill it if some are still missing."""
    eventually(lambda: backstage.facts(bob.id, "FACT#"), bool, "the first notification", 60, every=0.005)
    holders = backstage.environments("asyncsns-notifier")
    for holder in holders:
        freeze(holder)
    caught = bool(holders) and backstage.facts(bob.id, "FACT#") < _BATCH
    for holder in holders:
        if caught:
            kill(holder)
        else:
            thaw(holder)
    return caught


def test_pushes_arrive_once_after_the_push_service_hung_died_and_returned(
    backstage: Backstage, town: Town, push_service: httpx.Client
) -> None:
    service = records.read_alive(Settings.load().run, "push")
    if service is None:
        pytest.skip("the push service of this target is no process of this machine")
    ann, bob = town.person("Ann"), town.person("Bob")
    browser = browser_of(bob, push_service)
    freeze(service.pid)
    try:
        ann.follow(bob)

        def failure() -> str | None:
            (device,) = bob.api.get("/v1/push-subscriptions")["items"]
            return device["failure"]

        assert "imed" in str(eventually(failure, bool, "the push to fail"))
    finally:
        # The supervisor restarts it; its subscriptions are on disk.
        kill(service.pid)
    eventually(lambda: listened(push_service, browser), lambda found: len(found) == 1, "the push")
    # The pusher records it when the service has answered.
    eventually(failure, lambda found: found is None, "the failure to be forgotten")
    assert given_up(backstage, bob.id) == []


def listened(push_service: httpx.Client, browser: str) -> list[dict[str, Any]]:
    """The pushes; none while the service is down."""
    try:
        return pushed(push_service, browser)
    except httpx.TransportError:
        return []
