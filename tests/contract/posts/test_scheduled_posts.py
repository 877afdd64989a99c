"""Scheduled posts in a real DynamoDB API, through the functions as the gateway calls them."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.common.clock import from_text, now
from services.common.ids import new_id
from services.timelines.repository import TimelineRepository
from tests.support.authoring import POLL, Clock, ahead, sqs
from tests.support.aws import Aws
from tests.support.lambdas import Context
from tests.support.social import Network


def test_a_scheduled_post_is_published_once_at_its_time(network: Network, fresh: Aws, anna: str, clock: Clock) -> None:
    identifier = new_id()
    path, post = f"/v1/scheduled-posts/{identifier}", {"text": f"later #{uuid.uuid4().hex[:8]}a", "poll": POLL}
    made = network.request(anna, "PUT", path, {"publishAt": ahead(minutes=10), "post": post})
    assert (made.status, made.body["state"], made.body["post"]) == (201, "scheduled", post)
    assert network.get(anna, f"/v1/users/{anna}/posts")["items"] == []
    changed = network.request(
        anna, "PUT", path, {"publishAt": ahead(minutes=5), "post": {**post, "visibility": "unlisted"}, "version": 1}
    )
    assert (changed.status, changed.body["version"]) == (200, 2)
    assert network.request(anna, "PUT", path, {"publishAt": ahead(minutes=7), "post": post, "version": 1}).status == 409
    assert clock.sweep(identifier) == []
    clock.ahead = timedelta(minutes=5, seconds=1)
    messages = clock.sweep(identifier)
    assert len(messages) == 1
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: clock.deliver(messages, times=2), range(4)))
    (published,) = network.get(anna, f"/v1/users/{anna}/posts")["items"]
    assert (published["text"], published["visibility"]) == (post["text"], "unlisted")
    assert from_text(published["poll"]["endsAt"]) > now() + timedelta(minutes=59)
    assert network.get(anna, "/v1/scheduled-posts")["items"] == []
    assert network.request(anna, "DELETE", path).status == 404
    assert network.request(anna, "PUT", path, {"publishAt": ahead(minutes=9), "post": post}).status == 409
    assert clock.sweep(identifier) == []
    network.project(times=2)
    (event,) = {
        one["id"]: one
        for one in fresh.published(lambda one: one["type"] == "post.scheduled_published", 1)
        if one["data"]["authorId"] == anna
    }.values()
    assert event["data"] == {"postId": published["id"], "authorId": anna, "scheduledId": identifier}


def test_a_function_that_dies_after_publishing_does_not_publish_again(
    network: Network, anna: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = new_id()
    body = {"publishAt": ahead(minutes=2), "post": {"text": "once"}}
    network.request(anna, "PUT", f"/v1/scheduled-posts/{identifier}", body)
    clock.ahead = timedelta(minutes=3)
    messages = clock.sweep(identifier)

    def dies(*_: object) -> None:
        raise RuntimeError("the environment is gone")

    with monkeypatch.context() as patch:
        patch.setattr(TimelineRepository, "add_own", dies)
        record = sqs({"messageId": "m", "body": messages[0].to_json()})
        failed = clock.function({"Records": [record]}, Context())
        assert failed == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    clock.deliver(messages, times=2)
    assert len(network.get(anna, f"/v1/users/{anna}/posts")["items"]) == 1


def test_a_cancelled_post_is_not_published(network: Network, anna: str, clock: Clock) -> None:
    identifier = new_id()
    path = f"/v1/scheduled-posts/{identifier}"
    network.request(anna, "PUT", path, {"publishAt": ahead(minutes=2), "post": {"text": "never"}})
    clock.ahead = timedelta(minutes=3)
    messages = clock.sweep(identifier)
    ben = network.person("ben")
    assert network.request(ben, "DELETE", path).status == 404
    assert network.get(ben, "/v1/scheduled-posts")["items"] == []
    assert network.request(anna, "DELETE", path).status == 204
    clock.deliver(messages)
    assert network.get(anna, f"/v1/users/{anna}/posts")["items"] == []
    assert clock.sweep(identifier) == []


def test_an_unpublishable_scheduled_post_names_its_error_and_can_be_corrected(
    network: Network, fresh: Aws, anna: str, clock: Clock
) -> None:
    ben, identifier = network.person("ben"), new_id()
    parent = network.post(ben, "soon gone")
    path = f"/v1/scheduled-posts/{identifier}"
    post = {"text": "answer", "replyTo": parent["id"]}
    assert network.request(anna, "PUT", path, {"publishAt": ahead(minutes=2), "post": post}).status == 201
    network.request(ben, "DELETE", f"/v1/posts/{parent['id']}")
    clock.ahead = timedelta(minutes=3)
    clock.deliver(clock.sweep(identifier), times=2)
    (failed,) = network.get(anna, "/v1/scheduled-posts")["items"]
    assert (failed["state"], failed["reason"], failed["version"]) == ("failed", "Post not found.", 2)
    assert clock.sweep(identifier) == []
    network.project()
    events = fresh.published(lambda one: one["type"] == "post.scheduled_failed", 1)
    assert [one["data"]["scheduledId"] for one in events if one["data"]["authorId"] == anna] == [identifier]
    mended = {"publishAt": ahead(minutes=4), "post": {"text": "no answer"}, "version": 2}
    assert network.request(anna, "PUT", path, mended).body["state"] == "scheduled"
    clock.ahead = timedelta(minutes=5)
    clock.deliver(clock.sweep(identifier))
    assert [one["text"] for one in network.get(anna, f"/v1/users/{anna}/posts")["items"]] == ["no answer"]


def test_invalid_scheduled_posts_are_refused(network: Network, anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/v1/scheduled-posts/{new_id()}"

    def status(publish_at: str, **post: Any) -> int:
        return network.request(anna, "PUT", path, {"publishAt": publish_at, "post": {"text": "x", **post}}).status

    assert [status(one) for one in (ahead(seconds=50), ahead(days=181), ahead(days=-1))] == [422] * 3
    assert [status(one) for one in ("soon", "2026-01-01", "9999-99-99T00:00:00Z", "2027-01-01T00:00:00")] == [400] * 4
    assert status(ahead(hours=1), text="") == 400
    assert status(ahead(hours=1), replyTo=new_id()) == 404
    assert status(ahead(hours=1), mediaIds=[new_id()]) == 422
    assert status(ahead(hours=1), poll={"options": ["one"], "durationSeconds": 300}) == 400
    monkeypatch.setattr("services.posts.draft_commands.SCHEDULED_MOST", 1)
    assert status(ahead(hours=1)) == 201
    path = f"/v1/scheduled-posts/{new_id()}"
    assert status(ahead(hours=1)) == 422


@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "changed after the rename"])
def test_a_scheduled_post_mentions_the_people_named_when_written(network: Network, clock: Clock, changed: bool) -> None:
    author, xenia, yuki = network.person("a"), network.person("x"), network.person("y")
    handle, nobody = network.handle_of(xenia, "x"), f"n{uuid.uuid4().hex[:9]}"
    path = f"/v1/scheduled-posts/{(identifier := new_id())}"
    post = {"text": f"@{handle} @{nobody} teh", "visibility": "mentioned"}
    _done(network.request(author, "PUT", path, {"publishAt": ahead(minutes=5), "post": post}))
    _rename(network, xenia, f"z{uuid.uuid4().hex[:9]}")
    _rename(network, yuki, handle)
    if changed:
        mended = {**post, "text": f"@{handle} @{nobody} the"}
        _done(network.request(author, "PUT", path, {"publishAt": ahead(minutes=5), "post": mended, "version": 1}))
    _rename(network, network.person("n"), nobody)
    clock.ahead = timedelta(minutes=5, seconds=1)
    clock.deliver(clock.sweep(identifier))
    (published,) = network.get(author, f"/v1/users/{author}/posts")["items"]
    assert [one["userId"] for one in published["entities"]["mentions"]] == [xenia]
    assert network.request(xenia, "GET", f"/v1/posts/{published['id']}").status == 200
    assert network.request(yuki, "GET", f"/v1/posts/{published['id']}").status == 404


def _rename(network: Network, user: str, handle: str) -> None:
    _done(network.request(user, "PUT", "/v1/me", {"handle": handle, "displayName": "Person", "bio": ""}))


def _done(answer: Any) -> None:
    assert answer.status < 300, answer
