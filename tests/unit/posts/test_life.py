"""Edits, votes, drafts and scheduled posts in a real DynamoDB API, through the functions as the gateway calls them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.common.clock import from_text, now, to_text
from services.common.entry import queue_handler
from services.common.ids import new_id
from services.media.model import Kind, Media, State
from services.media.repository import MediaRepository
from services.posts import due, handler
from services.posts.draft_repository import ShelfRepository
from services.posts.keys import post_key, version_key
from services.posts.repository import PostRepository
from services.posts.settings import DueSettings
from services.posts.version_repository import VoteRepository
from services.timelines.repository import TimelineRepository
from tests.support.aws import Aws
from tests.support.lambdas import Context
from tests.support.social import Network

POLL = {"options": ["tea", "coffee", "water"], "multiple": True, "durationSeconds": 3600}


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


@pytest.fixture
def anna(network: Network) -> str:
    return network.person("anna")


class Clock:
    """Time that a test sets; messages that are sent are kept."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self.sent: list[tuple[due.Due, int]] = []
        work = handler.due_work(DueSettings.read(), self.sent.extend, lambda: now() + self.ahead)
        self.function = queue_handler(lambda record: work.handle(record["body"]))

    def sweep(self, *wanted: str) -> list[due.Due]:
        """The messages of a sweep at this time about ``wanted``."""
        found: list[tuple[due.Due, int]] = []
        due.sweep(ShelfRepository(), found.extend, now() + self.ahead)
        return [one for one, _ in found if one.id in wanted]

    def deliver(self, messages: Sequence[due.Due], times: int = 1) -> None:
        records = [{"messageId": str(n), "body": one.to_json()} for n, one in enumerate(messages * times)]
        assert self.function({"Records": [sqs(one) for one in records]}, Context()) == {"batchItemFailures": []}


def sqs(record: dict[str, str]) -> dict[str, Any]:
    return {**record, "eventSource": "aws:sqs", "receiptHandle": "r", "attributes": {}, "messageAttributes": {}}


@pytest.fixture
def clock(fresh: Aws) -> Clock:
    return Clock()


def edit(network: Network, user: str, post: dict[str, Any], **changes: Any) -> Any:
    return network.request(user, "PATCH", f"/v1/posts/{post['id']}", {"version": post["version"], **changes})


def items_of(post_id: str) -> list[dict[str, Any]]:
    table = PostRepository().table
    answer = table.query(KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": post_key(post_id)[0]})
    found: list[dict[str, Any]] = answer["Items"]
    return found


def test_an_edit_keeps_what_was_and_tells_of_what_is_new(network: Network, fresh: Aws, anna: str) -> None:
    ben, carl = network.person("ben"), network.person("carl")
    first = network.post(anna, f"one @{network.handle_of(ben, 'ben')} #old")
    assert (first["version"], first["editedAt"]) == (1, None)
    text = f"two @{network.handle_of(carl, 'carl')} @{network.handle_of(ben, 'ben')} #new"
    answer = edit(network, anna, first, text=text)
    assert (answer.status, answer.body["version"]) == (200, 2)
    seen = network.get(carl, f"/v1/posts/{first['id']}")
    assert (seen["text"], seen["version"], seen["entities"]["tags"]) == (text, 2, ["new"])
    assert seen["editedAt"] == answer.body["editedAt"] > seen["createdAt"]
    assert network.get(carl, f"/v2/posts/{first['id']}")["content"]["text"] == text
    third = edit(network, anna, seen, text="three").body
    again = edit(network, anna, third, text=text).body
    history = network.get(ben, f"/v1/posts/{first['id']}/history")["items"]
    assert [(one["version"], one["text"]) for one in history] == [
        (4, text), (3, "three"), (2, text), (1, first["text"]),
    ]  # fmt: skip
    assert history[3]["at"] == first["createdAt"]
    network.project()
    events = fresh.published(lambda one: one["type"] == "post.edited" and one["data"]["postId"] == first["id"], 3)
    by_version = {one["data"]["version"]: one["data"] for one in events}
    assert by_version[2]["mentionsAdded"] == [carl]
    assert (by_version[2]["tags"], by_version[2]["tagsRemoved"]) == (["new"], ["old"])
    assert by_version[again["version"]]["mentionsAdded"] == []


def test_an_edit_changes_and_takes_away_the_content_warning(network: Network, anna: str) -> None:
    post = network.post(anna, "the end", contentWarning="Spoiler")
    warned = edit(network, anna, post, contentWarning="Spoilers of the last part").body
    assert (warned["version"], warned["contentWarning"], warned["text"]) == (2, "Spoilers of the last part", "the end")
    bare = edit(network, anna, warned, contentWarning="", text="the end is near").body
    assert network.get(anna, f"/v1/posts/{post['id']}")["contentWarning"] is bare["contentWarning"] is None
    history = network.get(anna, f"/v1/posts/{post['id']}/history")["items"]
    assert [one["contentWarning"] for one in history] == [None, "Spoilers of the last part", "Spoiler"]


def test_media_are_marked_as_sensitive_from_the_start_or_by_an_edit(network: Network, anna: str) -> None:
    plain, marked = network.post(anna, "plain"), network.post(anna, "marked", sensitive=True)
    assert [one["sensitive"] for one in (plain, marked)] == [False, True]
    assert network.get(anna, f"/v2/posts/{marked['id']}")["sensitive"] is True
    assert edit(network, anna, marked, text="still").body["sensitive"] is True
    later = edit(network, anna, plain, sensitive=True).body
    assert (later["version"], later["sensitive"]) == (2, True)
    history = network.get(anna, f"/v1/posts/{plain['id']}/history")["items"]
    assert [one["sensitive"] for one in history] == [True, False]
    quote = network.post(anna, "look", quoteOf=plain["id"])
    assert network.get(anna, f"/v1/posts/{quote['id']}")["quote"]["post"]["sensitive"] is True


def test_only_one_of_many_edits_of_one_version_wins(network: Network, anna: str) -> None:
    post = network.post(anna, "start")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: edit(network, anna, post, text=f"edit {n}").status, range(8)))
    assert sorted(statuses) == [200, *[409] * 7]
    now_there = network.get(anna, f"/v1/posts/{post['id']}")
    assert now_there["version"] == 2
    assert edit(network, anna, post, text=now_there["text"]).body["version"] == 2
    assert len(network.get(anna, f"/v1/posts/{post['id']}/history")["items"]) == 2


def test_who_may_edit_and_read_the_history(network: Network, anna: str) -> None:
    ben = network.person("ben")
    public, hidden = network.post(anna), network.post(anna, visibility="followers")
    assert edit(network, ben, public, text="mine").status == 403
    assert edit(network, ben, hidden, text="mine").status == 404
    assert network.request(ben, "GET", f"/v1/posts/{hidden['id']}/history").status == 404
    assert edit(network, anna, {"id": new_id(), "version": 1}, text="x").status == 404
    for body in ({}, {"version": 0}, {"version": 1, "text": ""}, {"version": 1, "text": "a" * 501}, {"version": "x"}):
        assert network.request(anna, "PATCH", f"/v1/posts/{public['id']}", body).status == 400, body
    assert edit(network, anna, public, visibility="followers").status == 400
    assert edit(network, anna, public, mediaIds=[new_id()]).status == 422


def test_a_tombstone_holds_no_content_and_no_edit_raises_it(network: Network, anna: str) -> None:
    post = network.post(anna, "secret #secret", poll=POLL)
    edited = edit(network, anna, post, text="secret too").body
    assert network.request(anna, "DELETE", f"/v1/posts/{post['id']}").status == 204
    assert edit(network, anna, edited, text="back again").status == 404
    assert network.request(anna, "GET", f"/v1/posts/{post['id']}/history").status == 404
    network.project(times=2)
    left = items_of(post["id"])
    assert "secret" not in str(left)
    assert "coffee" not in str(left)
    assert [one["sk"] for one in left if one["sk"].startswith("VERSION#")] == []
    (tombstone,) = [one for one in left if one["sk"] == "POST"]
    assert set(tombstone) == {
        "pk", "sk", "type", "state", "id", "authorId", "createdAt", "visibility", "version", "deletedAt",
    }  # fmt: skip
    assert tombstone["version"] == 3


def test_a_deletion_goes_on_top_of_an_edit_that_came_between(network: Network, anna: str) -> None:
    post = network.post(anna, "first")
    store = PostRepository()
    read_before = store.get(post["id"])
    assert read_before is not None
    edit(network, anna, post, text="second")
    assert store.delete(read_before)
    assert not store.delete(read_before)
    assert network.request(anna, "GET", f"/v1/posts/{post['id']}").status == 404
    assert version_key(post["id"], 1)[1] in [one["sk"] for one in items_of(post["id"])]
    network.project()
    assert [one["sk"] for one in items_of(post["id"]) if one["sk"].startswith("VERSION#")] == []


def test_fifty_voters_at_once_end_with_counts_equal_to_edges(network: Network, anna: str) -> None:
    post = network.post(anna, "what?", poll=POLL)
    path = f"/v1/posts/{post['id']}"
    assert [one["votes"] for one in post["poll"]["options"]] == [0, 0, 0]
    people = [network.person("v") for _ in range(10)]
    stored = PostRepository().get(post["id"])
    assert stored is not None
    votes = VoteRepository("posts")
    voters = [*people, *(str(uuid.uuid4()) for _ in range(40))]

    def vote(number: int) -> None:
        choices = [number % 3] if number % 2 else sorted({number % 3, (number + 1) % 3})
        for _ in range(2):
            votes.vote(stored, voters[number], choices)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(vote, range(50)))
    network.project(times=2)
    edges = [one for one in items_of(post["id"]) if one["sk"].startswith("VOTE#")]
    counted = network.get(anna, path)["poll"]
    assert counted["voters"] == len(edges) == 50
    assert [one["votes"] for one in counted["options"]] == [
        sum(place in edge["choices"] for edge in edges) for place in range(3)
    ]
    shown = network.get(people[1], path)["poll"]
    assert shown["choices"] == [1]
    assert shown["options"] == counted["options"]


def test_a_vote_is_one_per_person_and_stays(network: Network, anna: str) -> None:
    ben = network.person("ben")
    post = network.post(anna, "one?", poll={**POLL, "multiple": False})
    path = f"/v1/posts/{post['id']}/vote"
    hidden = network.get(ben, f"/v1/posts/{post['id']}")["poll"]
    assert [one["votes"] for one in hidden["options"]] == [None, None, None]
    for _ in range(2):
        answer = network.request(ben, "PUT", path, {"choices": [1]})
        assert (answer.status, answer.body["choices"]) == (200, [1])
    assert [one["votes"] for one in answer.body["options"]] == [0, 1, 0]
    network.project()
    assert network.request(ben, "PUT", path, {"choices": [1]}).body["voters"] == 1
    assert network.request(ben, "PUT", path, {"choices": [0]}).status == 409
    for choices in ([], [3], [-1], [0, 1], ["x"], None):
        assert network.request(ben, "PUT", path, {"choices": choices}).status == 400, choices
    private = network.post(anna, "for followers?", visibility="followers", poll=POLL)
    assert network.request(ben, "PUT", f"/v1/posts/{private['id']}/vote", {"choices": [0]}).status == 404
    assert network.request(ben, "PUT", f"/v1/posts/{network.post(anna)['id']}/vote", {"choices": [0]}).status == 422
    assert network.request(str(uuid.uuid4()), "PUT", path, {"choices": [0]}).status == 404
    assert network.request(anna, "PUT", path, {"choices": [0]}).status == 403
    edit(network, anna, post, text="another question?")
    assert network.get(ben, f"/v1/posts/{post['id']}")["poll"]["choices"] == [1]


def test_a_poll_ends_at_its_time(network: Network, fresh: Aws, anna: str, clock: Clock) -> None:
    ben = network.person("ben")
    post = network.post(anna, "soon over?", poll={**POLL, "durationSeconds": 300})
    assert network.request(ben, "PUT", f"/v1/posts/{post['id']}/vote", {"choices": [0]}).status == 200
    assert clock.sweep(post["id"]) == []
    clock.ahead = timedelta(seconds=320)
    messages = clock.sweep(post["id"])
    assert len(messages) == 1
    clock.deliver(messages, times=3)
    events = fresh.published(lambda one: one["type"] == "poll.ended" and one["data"]["postId"] == post["id"], 1)
    assert {one["id"]: sorted(one["data"]["recipientIds"]) for one in events} == {events[0]["id"]: sorted([anna, ben])}
    assert clock.sweep(post["id"]) == []


def ahead(**delta: float) -> str:
    return to_text(now() + timedelta(**delta))


def test_drafts_are_kept_per_person_and_versioned(network: Network, anna: str) -> None:
    path, content = f"/v1/drafts/{new_id()}", {"text": "half a", "poll": {"options": ["", "x"]}, "n": 1.5}
    first = network.request(anna, "PUT", path, {"content": content})
    assert (first.status, first.body["version"], first.body["content"]) == (201, 1, content)
    assert network.request(anna, "PUT", path, {"content": content}).status == 200
    assert network.request(anna, "PUT", path, {"content": {"text": "other device"}}).status == 409
    second = network.request(anna, "PUT", path, {"content": {"text": "half a post"}, "version": 1})
    assert (second.status, second.body["version"]) == (200, 2)
    assert network.request(anna, "PUT", path, {"content": {"text": "stale"}, "version": 1}).status == 409
    assert [one["content"]["text"] for one in network.get(anna, "/v1/drafts")["items"]] == ["half a post"]
    ben = network.person("ben")
    assert network.get(ben, "/v1/drafts")["items"] == []
    assert network.request(ben, "DELETE", path).status == 204
    assert len(network.get(anna, "/v1/drafts")["items"]) == 1
    for _ in range(2):
        assert network.request(anna, "DELETE", path).status == 204
    assert network.get(anna, "/v1/drafts")["items"] == []
    assert network.request(anna, "PUT", path, {"content": {}, "version": 2}).status == 409
    assert network.request(anna, "PUT", path, {"content": {"text": "x" * 17_000}}).status == 400
    assert network.request(anna, "PUT", "/v1/drafts/x", {"content": {}}).status == 400
    assert network.request(str(uuid.uuid4()), "PUT", path, {"content": {}}).status == 404


def test_media_of_others_are_refused_wherever_a_post_names_them(network: Network, anna: str) -> None:
    """The keeper keeps what a draft names: somebody else's medium would be bound and freed by strangers."""
    ben = network.person("ben")
    own, foreign = medium_of(anna), medium_of(ben, state=State.READY)
    draft, version = f"/v1/drafts/{new_id()}", 1
    assert network.request(anna, "PUT", draft, {"content": {"mediaIds": [own]}}).status == 201
    for wrong in (foreign, new_id(), "x", "\ud800", "", f"{foreign} ", "y" * 3000):
        answer = network.request(anna, "PUT", draft, {"content": {"mediaIds": [own, wrong]}, "version": version})
        assert (answer.status, answer.body["detail"]) == (404, "Media not found."), wrong
        (fault,) = answer.body["errors"]
        assert (fault["field"], fault["got"].strip("'")[:3]) == ("mediaIds", repr(wrong).strip("'")[:3])
    assert network.get(anna, "/v1/drafts")["items"][0]["content"] == {"mediaIds": [own]}
    new = {"content": {"text": "mine", "mediaIds": [foreign]}}
    assert network.request(anna, "PUT", f"/v1/drafts/{new_id()}", new).status == 404
    post = network.post(anna, "hello")
    waiting = {"publishAt": to_text(now() + timedelta(hours=1)), "post": {"text": "x", "mediaIds": [foreign]}}
    refused = (
        edit(network, anna, post, mediaIds=[foreign]),
        network.request(anna, "POST", "/v1/posts", {"clientPostId": "m", "text": "x", "mediaIds": [foreign]}),
        network.request(anna, "PUT", f"/v1/scheduled-posts/{new_id()}", waiting),
    )
    for answer in refused:
        assert (answer.status, answer.body["errors"][0]["got"]) == (422, foreign)


def medium_of(owner: str, state: State = State.PENDING) -> str:
    made = new_id()
    MediaRepository().create(Media(made, owner, Kind.PHOTO, state, "image/png", 1, to_text(now()), extension="png"))
    return made


def test_a_list_of_drafts_has_an_end(network: Network, anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.posts.drafts.DRAFTS_MOST", 2)
    made = [f"/v1/drafts/{new_id()}" for _ in range(3)]
    assert [network.request(anna, "PUT", one, {"content": {}}).status for one in made] == [201, 201, 422]
    network.request(anna, "DELETE", made[0])
    assert network.request(anna, "PUT", made[2], {"content": {}}).status == 201


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


def test_what_cannot_be_published_says_why_and_may_be_mended(
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
    assert (failed["state"], failed["reason"], failed["version"]) == ("failed", "There is no such post.", 2)
    assert clock.sweep(identifier) == []
    network.project()
    events = fresh.published(lambda one: one["type"] == "post.scheduled_failed", 1)
    assert [one["data"]["scheduledId"] for one in events if one["data"]["authorId"] == anna] == [identifier]
    mended = {"publishAt": ahead(minutes=4), "post": {"text": "no answer"}, "version": 2}
    assert network.request(anna, "PUT", path, mended).body["state"] == "scheduled"
    clock.ahead = timedelta(minutes=5)
    clock.deliver(clock.sweep(identifier))
    assert [one["text"] for one in network.get(anna, f"/v1/users/{anna}/posts")["items"]] == ["no answer"]


def test_what_may_not_be_scheduled(network: Network, anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/v1/scheduled-posts/{new_id()}"

    def status(publish_at: str, **post: Any) -> int:
        return network.request(anna, "PUT", path, {"publishAt": publish_at, "post": {"text": "x", **post}}).status

    assert [status(one) for one in (ahead(seconds=50), ahead(days=181), ahead(days=-1))] == [422] * 3
    assert [status(one) for one in ("soon", "2026-01-01", "9999-99-99T00:00:00Z", "2027-01-01T00:00:00")] == [400] * 4
    assert status(ahead(hours=1), text="") == 400
    assert status(ahead(hours=1), replyTo=new_id()) == 404
    assert status(ahead(hours=1), mediaIds=[new_id()]) == 422
    assert status(ahead(hours=1), poll={"options": ["one"], "durationSeconds": 300}) == 400
    monkeypatch.setattr("services.posts.drafts.SCHEDULED_MOST", 1)
    assert status(ahead(hours=1)) == 201
    path = f"/v1/scheduled-posts/{new_id()}"
    assert status(ahead(hours=1)) == 422
