"""Erasure of a deleted person's notifications, also with late events, on a real DynamoDB API."""

from __future__ import annotations

import json

import pytest

from services.common.events import (
    CallMissed,
    ChatMemberLeft,
    ConversationRead,
    PostLiked,
    PostPublished,
    PostReference,
    PostUnliked,
    UserFollowed,
    UserUnfollowed,
)
from services.notifications.public import personal_data
from tests.support.aws import Aws
from tests.support.notifier import TABLE
from tests.support.told import Network, people


@pytest.fixture
def network(fresh: Aws) -> Network:
    return Network()


def erase(user_id: str) -> None:
    """Run erasure steps until one finds nothing, as the worker of accounts does."""
    for _ in range(20):
        if not sum(step.run(user_id) for step in personal_data(TABLE).erasure):
            return
    raise AssertionError("the steps find something each time")


def rows_of(aws: Aws, user_id: str) -> list[str]:
    items = aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    return [text for text in map(json.dumps, items) if user_id in text]


def test_a_deleted_person_is_removed_from_the_notified_people_of_a_post(fresh: Aws, network: Network) -> None:
    bob, gone = people(2)
    network.tell(PostPublished, bob, post_id="p", author_id=bob, visibility="public", mentions=(gone,), created_at="")
    network.message(bob, gone, "c", 1)
    assert [kind for kind, *_ in network.shown(gone)] == ["message", "mention"]
    erase(gone)
    assert rows_of(fresh, gone) == []


def test_events_after_the_erasure_leave_nothing(fresh: Aws, network: Network) -> None:
    bob, gone = people(2)
    erase(gone)
    for one, other in ((bob, gone), (gone, bob)):
        for kind in (UserFollowed, UserUnfollowed):
            network.tell(kind, one, follower_id=one, followee_id=other, edge_version=1)
        network.edge(PostLiked, one, other, f"of-{other[:4]}")
        network.message(one, other, "c", 1)
        network.tell(CallMissed, one, call_id=f"call-{one[:4]}", caller_id=one, callee_id=other)
    network.edge(PostUnliked, bob, gone, "another")
    network.tell(
        PostPublished, bob, post_id="reply", author_id=bob, visibility="public", created_at="",
        reply_to=PostReference("p", gone),
    )  # fmt: skip
    network.tell(ConversationRead, gone, conversation_id="c", seq=1)
    network.tell(ChatMemberLeft, gone, conversation_id="c", user_id=gone)
    assert (network.shown(gone), network.shown(bob), network.unread(bob)) == ([], [], 0)
    assert [row for row in rows_of(fresh, gone) if f"USER#{gone}" in row or f"BY#{gone}" in row] == []
