"""Capacity units that writes and reads of posts consume, with few and with many posts in the table.

The contexts' own code runs here against the deployed tables, and DynamoDB says what each request consumed. The emulator
says nothing for BatchGetItem: there AWS's rule is applied to what came back (half a unit per item and 4 KB begun, also
for an item that is not there).
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from kit.settings import Settings
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure

if TYPE_CHECKING:
    from services.posts.commands import PostCommands
    from services.timelines.repository import TimelineRepository

_SIZES = "1000,10000"
_POSTS, _PROFILES, _TIMELINES, _MEDIA = (f"asyncsns-{one}" for one in ("posts", "profiles", "timelines", "media"))
_READ_BLOCK = 4096
_PAGE = 20


class Meter:
    """Sums of read and write units since ``reset``."""

    def __init__(self) -> None:
        self.read = self.write = 0.0

    def reset(self) -> None:
        self.read = self.write = 0.0

    def note(self, operation: str, answer: Mapping[str, Any], request: Mapping[str, Any] | None = None) -> None:
        """Add what one answer says; a batch read is counted by AWS's rule."""
        if operation == "BatchGetItem" and request is not None:
            self.read += _batch_units(request, answer)
            return
        consumed = answer.get("ConsumedCapacity") or []
        units = sum(float(one["CapacityUnits"]) for one in (consumed if isinstance(consumed, list) else [consumed]))
        if operation in ("Query", "GetItem"):
            self.read += units
        else:
            self.write += units


def _batch_units(request: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    units = 0.0
    for name, wanted in request["RequestItems"].items():
        items = answer.get("Responses", {}).get(name, [])
        blocks = [max(1, math.ceil(len(json.dumps(one)) / _READ_BLOCK)) for one in items]
        blocks += [1] * (len(wanted["Keys"]) - len(items))
        units += sum(blocks) * (1.0 if wanted.get("ConsistentRead") else 0.5)
    return units


@contextmanager
def _metered(meter: Meter) -> Iterator[None]:
    """The services' code on the deployed tables, every request of it on the meter."""
    environment = {**Settings.load().aws_environment(), "POWERTOOLS_TRACE_DISABLED": "true"}
    with patch.dict(os.environ, environment):
        from services.common import aws, wire

        for cached in (aws.client, aws.table):
            cached.cache_clear()
        read = wire.read

        def measured(operation: wire.Operation, request: Mapping[str, Any]) -> dict[str, Any]:
            answer = read(operation, {**request, "ReturnConsumedCapacity": "INDEXES"})
            meter.note(operation, answer, request)
            return answer

        for handle in (aws.client("dynamodb"), aws.table(_POSTS).meta.client):
            handle.meta.events.register(
                "provide-client-params.dynamodb.*",
                lambda params, **_: {**params, "ReturnConsumedCapacity": "INDEXES"},
            )
            handle.meta.events.register(
                "after-call.dynamodb.*", lambda parsed, model, **_: meter.note(model.name, parsed)
            )
        with patch.object(wire, "read", measured):
            yield


def run(crowd: Crowd) -> list[Figure]:
    """Units per publish, like, repost, reaction, read of a post and page of the home timeline at each size."""
    sizes = [int(one) for one in os.environ.get("ASYNCSNS_BENCH_POSTS", _SIZES).split(",")]
    author, reader = crowd.accounts[0].user_id, crowd.accounts[1].user_id
    meter, figures, filled = Meter(), [], 0
    with _metered(meter):
        for size in sizes:
            _fill(filled, size)
            filled = size
            for name, act in _actions(author, reader).items():
                meter.reset()
                act()
                note = f"{size:,} more posts in the table"
                figures.append(Figure("posts", f"{name}: read units", meter.read, "RCU", "flat", note))
                figures.append(Figure("posts", f"{name}: write units", meter.write, "WCU", "flat", note))
        _empty(filled)
    return figures


def _actions(author: str, reader: str) -> dict[str, Callable[[], object]]:
    from services.media.repository import MediaRepository
    from services.posts.commands import NewPost, PostCommands
    from services.posts.engagement_commands import EngagementCommands
    from services.posts.engagement_repository import EngagementRepository
    from services.posts.repository import PostRepository
    from services.posts.views import V1
    from services.profiles.repository import ProfileRepository
    from services.query.hydration import Hydration
    from services.timelines.repository import TimelineRepository

    posts, profiles, timelines = PostRepository(_POSTS), ProfileRepository(_PROFILES), TimelineRepository(_TIMELINES)
    commands = PostCommands(posts, profiles, MediaRepository(_MEDIA), timelines)
    engagement, hydration = EngagementCommands(commands, EngagementRepository(_POSTS)), Hydration(posts, profiles)
    made, _ = commands.publish(author, NewPost(uuid.uuid4().hex, "朝の散歩 a post to measure #bench"))
    _fill_home(commands, timelines, author, reader)

    def home() -> None:
        page, _ = timelines.home(reader, None, _PAGE)
        shown = hydration.entries(reader, page.items)
        if len(shown) != _PAGE:
            raise RuntimeError(f"expected a full page, got {len(shown)} posts")

    return {
        "publish": lambda: commands.publish(author, NewPost(uuid.uuid4().hex, "朝の散歩 another post #bench")),
        "reply": lambda: commands.publish(reader, NewPost(uuid.uuid4().hex, "an answer", reply_to=made.id)),
        "like": lambda: commands.like(reader, made.id),
        "repost": lambda: engagement.repost(reader, made.id),
        "react": lambda: engagement.react(reader, made.id, "🎉"),
        "read a post": lambda: hydration.post(reader, made.id, V1),
        f"home page of {_PAGE}": home,
    }


def _fill_home(commands: PostCommands, timelines: TimelineRepository, author: str, reader: str) -> None:
    """The fan-out may lag on a busy machine; the page must be full now."""
    from services.posts.commands import NewPost
    from services.timelines.model import Entry

    for number in range(_PAGE):
        other, _ = commands.publish(author, NewPost(f"bench-page-{number}", f"朝の散歩 number {number} #bench"))
        timelines.add_to_homes([reader], Entry(other.id, author, "public"))


def _filler(number: int) -> dict[str, Any]:
    """As large as a post, but of no type: no projection takes notice of it."""
    key = f"{number:026d}"
    return {
        "pk": f"BENCH#{key}",
        "sk": "FILL",
        "text": "朝の散歩 a bench post " * 8,
        "authorId": str(uuid.UUID(int=number)),
        "gsi1pk": f"BENCH#{number % 97}",
        "gsi1sk": key,
    }


def _fill(start: int, end: int) -> None:
    from services.common.dynamo import batch_write

    batch_write(_POSTS, puts=(_filler(number) for number in range(start, end)))


def _empty(end: int) -> None:
    from services.common.dynamo import batch_write

    batch_write(_POSTS, deletes=((f"BENCH#{number:026d}", "FILL") for number in range(end)))
