"""Exports and deletions over real DynamoDB and S3 APIs."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from services.accounts import handler as accounts
from services.accounts.adapter import UserPool
from services.moderation import handler as moderation
from services.query import handler as query
from services.timelines.projection_repository import TimelineProjection
from services.timelines.reader_repository import ReaderRepository
from tests.support.aws import TABLES, Aws
from tests.support.lambdas import Answer, Context, call_http, new_user
from tests.support.social import Network

Jobs = list[dict[str, Any]]


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The jobs sent to the queue of accounts. The tests have no user pool, so no user is deleted from one."""
    sent: Jobs = []
    monkeypatch.setattr(accounts.queues, "send", lambda url, job, delay_seconds=0: sent.append(dict(job)))
    monkeypatch.setattr(UserPool, "remove", lambda self, user_id: False)
    return sent


def work(job: dict[str, Any], context: Context | None = None) -> Any:
    return accounts.worker({"Records": [{"messageId": "1", "body": json.dumps(job)}]}, context or Context())


def ask(user: str | None, path: str, body: Any = None, age: int = 0) -> Answer:
    signed_in_at = int(time.time()) - age
    return call_http(accounts.handler, "POST", f"/v1/me/{path}", user=user, body=body, signed_in_at=signed_in_at)


def state(user: str | None) -> Answer:
    return call_http(query.handler, "GET", "/v1/me/export", user=user)


def put_media(network: Network, owner: str) -> str:
    media_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    s3, dynamodb = network.aws.client("s3"), network.aws.client("dynamodb")
    s3.put_object(Bucket="media", Key=f"media/private/{media_id}/original.png", Body=b"photo")
    item = {"pk": f"MEDIA#{media_id}", "sk": "MEDIA", "id": media_id, "gsi1pk": f"OWNER#{owner}", "gsi1sk": media_id}
    dynamodb.put_item(TableName="media", Item={name: {"S": value} for name, value in item.items()})
    return media_id


def test_an_export_holds_everything_and_only_its_owner_gets_it(network: Network, jobs: Jobs) -> None:
    person, other = network.person(), network.person()
    post = network.post(person, "こんにちは")
    network.follow(person, other)
    network.follow(other, person)
    media_id = put_media(network, person)
    assert state(person).status == 404
    empty = call_http(query.handler, "GET", "/v1/me/export", user=person, query="absent=empty")
    assert (empty.status, empty.body) == (204, None)
    first, second = ask(person, "export"), ask(person, "export")
    assert (first.status, first.body["state"], second.body["id"]) == (202, "requested", first.body["id"])
    assert len(jobs) == 1
    for _ in range(2):
        assert work(jobs[0]) == {"batchItemFailures": []}
    ready = state(person)
    assert (ready.body["state"], ready.body["id"]) == ("ready", first.body["id"])
    assert "Signature" in ready.body["url"]
    assert state(other).status == 404
    assert (ask(None, "export").status, state(None).status) == (403, 403)
    key = f"{person}/{first.body['id']}.zip"
    content = network.aws.client("s3").get_object(Bucket="exports", Key=key)["Body"].read()
    assert len(content) == ready.body["bytes"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.read(f"media/{media_id}/original.png") == b"photo"
        assert [one["id"] for one in json.loads(archive.read("posts.json"))] == [post["id"]]
        assert [one["followeeId"] for one in json.loads(archive.read("following.json"))] == [other]
        assert [one["followerId"] for one in json.loads(archive.read("followers.json"))] == [other]
        (profile,) = json.loads(archive.read("profile.json"))
        assert profile["handle"] == network.handle_of(person)
        assert "pk" not in profile


def test_a_deletion_requires_a_fresh_sign_in_and_the_handle(network: Network, jobs: Jobs) -> None:
    person = network.person()
    body = {"handle": network.handle_of(person)}
    stale = ask(person, "deletion", body, age=3600)
    assert (stale.status, stale.body["type"]) == (403, "sign-in-again")
    assert ask(person, "deletion", {"handle": "someone"}).status == 422
    assert ask(person, "deletion", {"handle": 7}).status == 400
    assert ask(None, "deletion", body).status == 403
    assert jobs == []
    assert ask(person, "deletion", body).status == 202
    assert work({"job": "delete", "userId": network.person()}) == {"batchItemFailures": []}


def test_data_that_a_late_event_writes_after_a_deletion_is_deleted(network: Network, jobs: Jobs) -> None:
    person, other = network.person(), network.person()
    network.follow(person, other)
    network.project()
    assert ask(person, "deletion", {"handle": network.handle_of(person)}).status == 202
    late = []
    while jobs:
        job = jobs.pop(0)
        if job["job"] == "late":
            late.append(job)
            continue
        assert work(job) == {"batchItemFailures": []}
        network.project()
    assert late == [{"job": "late", "userId": person, "pass": 0}]
    assert traces(network.aws, person) == []

    TimelineProjection("timelines").set_audience(person, other, 1, active=True)
    ReaderRepository("timelines").begin(person)
    assert len(traces(network.aws, person)) == 2
    jobs += late
    while jobs:
        work(jobs[0])
        jobs.pop(0)
    assert traces(network.aws, person) == []


def finish(network: Network, jobs: Jobs, context: Callable[[], Context] = Context) -> int:
    """Process the queue while the streams flow; returns the number of invocations."""
    rounds = 0
    while jobs:
        rounds += 1
        assert rounds < 60, jobs
        assert work(jobs.pop(0), context()) == {"batchItemFailures": []}
        network.project()
    return rounds


class Hurried(Context):
    """An invocation that has no time left after its first step."""

    def get_remaining_time_in_millis(self) -> int:
        return 0


@pytest.mark.parametrize("context", [Context, Hurried])
def test_a_deletion_leaves_no_personal_data(network: Network, jobs: Jobs, context: Callable[[], Context]) -> None:
    person, other = network.person(), network.person()
    root, post = network.post(other), network.post(person, "bye #leaving")
    network.post(person, "an answer", replyTo=root["id"])
    network.post(other, "to you", replyTo=post["id"])
    for one, two in ((person, other), (other, person)):
        network.follow(one, two)
    assert network.request(person, "PUT", f"/v1/posts/{root['id']}/like").status == 204
    for edge in ("like", "repost", "bookmark"):
        assert network.request(other, "PUT", f"/v1/posts/{post['id']}/{edge}").status == 204
    assert network.request(other, "PUT", f"/v1/posts/{post['id']}/reaction", {"emoji": "🎉"}).status == 204
    put_media(network, person)
    report = {"kind": "post", "subjectId": post["id"], "reason": "spam"}
    assert call_http(moderation.handler, "POST", "/v1/reports", user=other, body=report).status == 201
    third = network.person()
    listed = "/v1/lists/01ARZ3NDEKTSV4RRFFQ69G5FAV"
    assert network.request(person, "PUT", listed, {"name": "people"}).status == 200
    assert network.request(person, "PUT", f"{listed}/members/{other}").status == 204
    assert network.request(person, "PUT", f"/v1/blocks/{third}").status == 204
    network.project()
    handle = network.handle_of(person)
    assert ask(person, "export").status == 202
    assert work(jobs.pop()) == {"batchItemFailures": []}
    assert ask(person, "deletion", {"handle": handle}).status == 202
    job = jobs[0]
    finish(network, jobs, context)
    assert work(job) == {"batchItemFailures": []}, "a redelivered message has no effect"

    assert network.request(other, "GET", f"/v1/users/{person}").status == 404
    assert network.request(other, "GET", f"/v1/users/by-handle/{handle}").status == 404
    assert network.request(other, "GET", f"/v1/posts/{post['id']}").status == 404
    counts = network.get(other, "/v1/me")["counts"]
    assert (counts["followers"], counts["following"], counts["posts"]) == (0, 0, 2)
    shown = network.get(other, f"/v1/posts/{root['id']}")["counts"]
    assert (shown["likes"], shown["replies"]) == (0, 0)
    refused = network.request(person, "PUT", "/v1/me", {"handle": f"x{handle[:15]}", "displayName": "back"})
    assert (refused.status, refused.body["type"]) == (403, "account-suspended")
    taken = network.request(new_user(), "PUT", "/v1/me", {"handle": handle, "displayName": "not me"})
    assert (taken.status, taken.body["type"]) == (409, "handle-taken")
    assert traces(network.aws, person) == []


def traces(aws: Aws, user_id: str) -> list[str]:
    """Where a person's id still appears. A reply by another person may keep the id of the author whom it answers."""
    found = []
    for table in TABLES:
        for item in aws.client("dynamodb").scan(TableName=table)["Items"]:
            if user_id in json.dumps(item, default=str) and not _is_others_post(item, user_id):
                found.append(f"{table}: {json.dumps(item, default=str)[:400]}")
    # A collector deletes media objects when it receives the deleted items (tests/unit/media).
    for one in aws.client("s3").list_objects_v2(Bucket="exports").get("Contents", []):
        if user_id in one["Key"]:
            found.append(f"exports: {one['Key']}")
    return found


def _is_others_post(item: dict[str, Any], user_id: str) -> bool:
    return item["sk"]["S"] == "POST" and item["authorId"]["S"] not in (user_id, "deleted")
