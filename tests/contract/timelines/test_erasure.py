"""Erasure of a deleted person's timelines, also with late events, on a real DynamoDB API."""

from __future__ import annotations

import json
import uuid

from services.common.events import ListMemberAdded, UserFollowed, UserUnfollowed
from services.common.ids import new_id
from services.timelines import handler as timelines
from services.timelines.model import Entry, Job, JobKind
from services.timelines.projection_repository import TimelineProjection
from services.timelines.public import personal_data
from services.timelines.reader_repository import ReaderRepository
from services.timelines.readers import list_reader
from tests.support.aws import Aws
from tests.support.lambdas import Context, new_user


def erase(user_id: str) -> None:
    """Run erasure steps until one finds nothing, as the worker of accounts does."""
    for _ in range(20):
        if not sum(step.run(user_id) for step in personal_data("timelines").erasure):
            return
    raise AssertionError("the steps find something each time")


def fan_out(body: str) -> None:
    record = {"messageId": "m", "body": body, "receiptHandle": "r", "attributes": {}, "messageAttributes": {}}
    assert timelines.fanout({"Records": [record]}, Context()) == {"batchItemFailures": []}


def traces(aws: Aws, user_id: str) -> list[str]:
    items = aws.client("dynamodb").scan(TableName="timelines")["Items"]
    return [text for text in map(json.dumps, items) if user_id in text]


def test_tag_entries_are_erased_before_the_deletion_of_the_post_arrives(fresh: Aws) -> None:
    store, author, tag = TimelineProjection("timelines"), new_user(), f"t{uuid.uuid4().hex}"
    post, root, repost = new_id(), new_id(), new_id()
    store.publish(Entry(post, author, "public", None, (tag,)))
    store.publish(Entry(root, new_user(), "public", None, (), repost, author))
    assert [one.post_id for one in store.tag(tag, None, 10).items] == [post]
    erase(author)
    assert store.tag(tag, None, 10).items == []
    assert post not in [one.post_id for one in store.public(None, 50).items]
    assert traces(fresh, author) == []


def test_a_late_sweep_after_an_unfollow_leaves_nothing_of_an_erased_reader(fresh: Aws) -> None:
    reader, author = new_user(), new_user()
    for one in (reader, list_reader(reader, new_id())):
        fan_out(Job(JobKind.SWEEP, author_id=author, user_id=one).to_json())
    assert traces(fresh, reader) == []


def test_a_follow_that_arrives_after_the_deletion_leaves_nothing(fresh: Aws) -> None:
    gone, other = new_user(), new_user()
    erase(gone)
    for follower, followee in ((gone, other), (other, gone)):
        for kind in (UserFollowed, UserUnfollowed):
            fan_out(
                kind(cause="c", actor=follower, follower_id=follower, followee_id=followee, edge_version=1).to_json()
            )
    list_id = new_id()
    for owner, member in ((gone, other), (other, gone)):
        fan_out(
            ListMemberAdded(
                cause="c", actor=owner, owner_id=owner, list_id=list_id, user_id=member, edge_version=1
            ).to_json()
        )
    assert traces(fresh, gone) == []


def test_a_known_reader_stops_merging_an_author(fresh: Aws) -> None:
    readers, reader, author = ReaderRepository("timelines"), new_user(), new_user()
    readers.merge([reader], author)
    readers.unmerge(reader, author)
    assert readers.state(reader).merged == frozenset()
