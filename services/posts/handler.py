"""Lambda entry points of the posts context; composes it with other contexts.

A command calls other contexts synchronously only if its result depends on them: who is mentioned and who follows whom
(profiles), whether media are ready (media). Everything else goes by events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI

from services.common import counters, events
from services.common.clock import now
from services.common.entry import Handler, change_handler, entry_point, event_handler, http_handler, queue_handler
from services.common.http import create_app
from services.common.observability import note
from services.common.projector import Projector
from services.common.streams import Change
from services.media.public import MediaRepository, media_router
from services.posts.adapter import DueQueue
from services.posts.api import build_router
from services.posts.commands import PostCommands
from services.posts.draft_api import build_draft_router, new_post_of_content
from services.posts.draft_commands import DraftCommands
from services.posts.draft_repository import DraftRepository
from services.posts.due import DueWork, Send, sweep
from services.posts.edit_commands import EditCommands
from services.posts.engagement_api import build_engagement_router
from services.posts.engagement_commands import EngagementCommands
from services.posts.engagement_repository import EngagementRepository
from services.posts.events import deltas_of, events_of
from services.posts.media_events import media_events_of
from services.posts.poll_commands import PollCommands
from services.posts.repository import PostRepository
from services.posts.settings import DueSettings, PostProjectorSettings, PostSettings, PostTables, SweeperSettings
from services.posts.version_repository import VersionRepository
from services.posts.vote_repository import VoteRepository
from services.profiles.public import ProfileRepository
from services.timelines.public import TimelineRepository


def build_commands(settings: PostTables) -> PostCommands:
    return PostCommands(
        PostRepository(settings.table_posts),
        ProfileRepository(settings.table_profiles),
        MediaRepository(settings.table_media),
        TimelineRepository(settings.table_timelines),
    )


def build_app(settings: PostSettings) -> FastAPI:
    commands, table = build_commands(settings), settings.table_posts
    return create_app(
        "posts",
        build_router(
            commands, EditCommands(VersionRepository(table), commands), PollCommands(VoteRepository(table), commands)
        ),
        build_draft_router(DraftCommands(DraftRepository(table), commands, new_post_of_content)),
        build_engagement_router(EngagementCommands(commands, EngagementRepository(table))),
        media_router(settings.table_media, settings.bucket_media, settings.s3_public_endpoint),
    )


def due_work(settings: DueSettings, send: Send, clock: Callable[[], datetime] = now) -> DueWork:
    return DueWork(
        DraftRepository(settings.table_posts),
        VoteRepository(settings.table_posts),
        build_commands(settings),
        new_post_of_content,
        send,
        lambda found: events.publish(settings.topic_events, found),
        clock,
    )


@entry_point(PostSettings)
def handler(settings: PostSettings) -> Handler:
    return http_handler(build_app(settings), settings)


@entry_point(PostProjectorSettings)
def projector(settings: PostProjectorSettings) -> Handler:
    versions = VersionRepository(settings.table_posts)
    project = Projector(
        deltas_of,
        lambda change: [*events_of(change), *media_events_of(change)],
        count=lambda deltas: counters.apply(settings.table_posts, deltas),
        publish=lambda found: events.publish(settings.topic_events, found),
    )

    def follow(changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind == "post" and change.turned("state", "deleted") > 0:
                versions.forget_history(change.item["id"])
        project(changes)

    return change_handler(follow)


@entry_point(DueSettings)
def due(settings: DueSettings) -> Handler:
    """Consumer of the queue ``due``."""
    work = due_work(settings, DueQueue(settings.queue_due).send)
    return queue_handler(lambda record: work.handle(record["body"]), settings)


@entry_point(SweeperSettings)
def sweeper(settings: SweeperSettings) -> Handler:
    """Called by a rule every minute."""
    index, queue = DraftRepository(settings.table_posts), DueQueue(settings.queue_due)

    def run(event: Any, _: Any) -> None:
        note(sent=sweep(index, queue.send, now()), rule_time=event.get("time"))

    return event_handler("schedule", run)
