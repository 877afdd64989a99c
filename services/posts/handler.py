"""Lambda entry points of the posts context; the one place that puts it together with its neighbours.

A command asks its neighbours synchronously where its own answer depends on it: who is mentioned and who follows whom
(profiles), whether media are ready (media). All else goes by events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.common import counters, events
from services.common.clock import now
from services.common.entry import batch_handler, change_handler, event_handler, http_handler
from services.common.events import DomainEvent
from services.common.http import create_app
from services.common.observability import logger
from services.common.projector import Projector
from services.common.settings import settings
from services.common.streams import Change
from services.media.public import MediaRepository, media_router
from services.posts.adapter import send_due
from services.posts.api import build_router
from services.posts.commands import PostCommands
from services.posts.draft_api import build_life_router, scheduled_draft
from services.posts.draft_repository import ShelfRepository
from services.posts.drafts import ShelfCommands
from services.posts.due import DueWork, sweep
from services.posts.edit_commands import EditCommands
from services.posts.engagement_api import build_router as engagement_router
from services.posts.engagement_commands import EngagementCommands
from services.posts.engagement_repository import EdgeRepository
from services.posts.events import deltas_of, events_of
from services.posts.media_events import media_events_of
from services.posts.poll_commands import PollCommands
from services.posts.repository import PostRepository
from services.posts.version_repository import VersionRepository, VoteRepository
from services.profiles.public import ProfileRepository
from services.timelines.public import TimelineRepository

_posts, _versions, _votes, _shelf = PostRepository(), VersionRepository(), VoteRepository(), ShelfRepository()
_commands = PostCommands(_posts, ProfileRepository(), MediaRepository(), TimelineRepository())
app = create_app(
    "posts",
    build_router(_commands),
    build_life_router(
        EditCommands(_versions, _commands),
        PollCommands(_votes, _commands),
        ShelfCommands(_shelf, _commands, scheduled_draft),
    ),
    engagement_router(EngagementCommands(_commands, EdgeRepository())),
    media_router(),
)
handler = http_handler(app)


def _publish(found: Sequence[DomainEvent]) -> None:
    events.publish(settings().require("topic_events"), found)


_project = Projector(
    deltas_of,
    lambda change: [*events_of(change), *media_events_of(change)],
    count=lambda deltas: counters.apply(_posts.name, deltas),
    publish=_publish,
)


def _follow(changes: Sequence[Change]) -> None:
    for change in changes:
        if change.kind == "post" and change.turned("state", "deleted") > 0:
            _versions.forget_history(change.item["id"])
    _project(changes)


projector = change_handler(_follow)
_due = DueWork(_shelf, _votes, _commands, scheduled_draft, send_due, _publish)


def _work(record: Mapping[str, Any]) -> None:
    _due.handle(record["body"])


#: Consumer of the queue ``due``.
due = batch_handler("sqs", _work)


def _sweep(event: Mapping[str, Any], _: Any) -> None:
    sent = sweep(_shelf, send_due, now())
    logger.info("swept", extra={"sent": sent, "rule_time": event.get("time")})


#: Called by a rule every minute.
sweeper = event_handler("schedule", _sweep)
