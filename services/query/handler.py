"""Lambda entry point of all queries; composes the contexts' repositories."""

from __future__ import annotations

from fastapi import FastAPI

from services.accounts.public import export_queries
from services.calls.public import IceQueries, call_queries
from services.chat.public import chat_queries
from services.common.entry import Handler, entry_point, http_handler
from services.common.http import create_app
from services.common.people import Directory
from services.live.public import LiveMessageRepository, LiveRepository
from services.media.public import MediaRepository
from services.moderation.public import AuditLog, ModerationRepository
from services.notifications.public import notification_queries
from services.posts.public import DraftRepository, EngagementRepository, PostRepository, VersionRepository, excerpts_of
from services.profiles.public import ListRepository, MuteRepository, ProfileRepository, SavedSearchRepository
from services.query import social, status
from services.query.account import account_router
from services.query.authoring import authoring_router
from services.query.calls import calls_router
from services.query.conversations import chat_settings_router, conversations_router
from services.query.engagement import EngagementQueries, engagement_router
from services.query.graph import graph_router
from services.query.lists import lists_router
from services.query.live import LiveQueries, live_router
from services.query.moderation import ModerationQueries, moderation_router
from services.query.notifications import notifications_router
from services.query.search import SearchQueries, search_router
from services.query.settings import QuerySettings
from services.search.public import search_index
from services.timelines.public import JobQueue, TimelineRepository


def build_social(settings: QuerySettings) -> social.SocialQueries:
    return social.SocialQueries(
        ProfileRepository(settings.table_profiles),
        PostRepository(settings.table_posts),
        MediaRepository(settings.table_media),
        TimelineRepository(settings.table_timelines),
        JobQueue(settings.queue_timelines),
        settings.timeline_active_days,
        build_live(settings).of_person,
    )


def build_live(settings: QuerySettings) -> LiveQueries:
    table, people = settings.table_live, Directory(settings.table_profiles)
    profiles = ProfileRepository(settings.table_profiles)
    return LiveQueries(
        LiveRepository(table), LiveMessageRepository(table), profiles, people, available=bool(settings.sfu_url)
    )


def build_app(settings: QuerySettings) -> FastAPI:
    queries, people = build_social(settings), Directory(settings.table_profiles)
    profiles, posts, mutes = settings.table_profiles, settings.table_posts, MuteRepository(settings.table_profiles)
    search = SearchQueries(lambda: search_index(settings.opensearch_endpoint), queries, mutes)
    chat = chat_queries(settings.table_chat, people)
    notifications = notification_queries(
        settings.table_notifications, profiles, people, lambda ids: excerpts_of(queries.posts, ids)
    )
    moderation = ModerationQueries(
        ModerationRepository(settings.table_moderation), AuditLog(settings.table_audit), queries.profiles
    )
    return create_app(
        "query",
        status.build_router(),
        social.people_router(queries),
        social.timelines_router(queries),
        social.posts_router(queries),
        graph_router(queries, mutes),
        authoring_router(queries, VersionRepository(posts), DraftRepository(posts)),
        engagement_router(EngagementQueries(queries, EngagementRepository(posts))),
        lists_router(queries, ListRepository(profiles)),
        search_router(search, SavedSearchRepository(profiles)),
        conversations_router(chat, people, queries.media),
        chat_settings_router(chat),
        calls_router(call_queries(settings.table_calls, people), IceQueries(settings)),
        live_router(build_live(settings)),
        notifications_router(notifications),
        account_router(export_queries(settings)),
        moderation_router(moderation),
    )


@entry_point(QuerySettings)
def handler(settings: QuerySettings) -> Handler:
    return http_handler(build_app(settings), settings)
