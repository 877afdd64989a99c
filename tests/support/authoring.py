"""Shared parts of the tests of edits, votes, drafts and scheduled posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.common.clock import now, to_text
from services.common.entry import queue_handler
from services.posts import due, handler
from services.posts.draft_repository import DraftRepository
from services.posts.keys import post_key
from services.posts.repository import PostRepository
from services.posts.settings import DueSettings
from tests.support.lambdas import Context
from tests.support.social import Network

POLL = {"options": ["tea", "coffee", "water"], "multiple": True, "durationSeconds": 3600}


class Clock:
    """A clock that the test sets; records the messages that are sent."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self.sent: list[tuple[due.Due, int]] = []
        settings = DueSettings.read()
        work = handler.due_work(settings, self.sent.extend, lambda: now() + self.ahead)
        self.function = queue_handler(lambda record: work.handle(record["body"]), settings)

    def sweep(self, *wanted: str) -> list[due.Due]:
        """The messages about ``wanted`` that a sweep at this time sends."""
        found: list[tuple[due.Due, int]] = []
        due.sweep(DraftRepository("posts"), found.extend, now() + self.ahead)
        return [one for one, _ in found if one.id in wanted]

    def deliver(self, messages: Sequence[due.Due], times: int = 1) -> None:
        records = [{"messageId": str(n), "body": one.to_json()} for n, one in enumerate(messages * times)]
        assert self.function({"Records": [sqs(one) for one in records]}, Context()) == {"batchItemFailures": []}


def sqs(record: dict[str, str]) -> dict[str, Any]:
    return {**record, "eventSource": "aws:sqs", "receiptHandle": "r", "attributes": {}, "messageAttributes": {}}


def edit(network: Network, user: str, post: dict[str, Any], **changes: Any) -> Any:
    return network.request(user, "PATCH", f"/v1/posts/{post['id']}", {"version": post["version"], **changes})


def items_of(post_id: str) -> list[dict[str, Any]]:
    table = PostRepository("posts").table
    answer = table.query(KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": post_key(post_id)[0]})
    found: list[dict[str, Any]] = answer["Items"]
    return found


def ahead(**delta: float) -> str:
    return to_text(now() + timedelta(**delta))
