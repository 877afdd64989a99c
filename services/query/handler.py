"""Lambda entry point of all queries; puts the contexts' repositories together."""

from __future__ import annotations

from services.accounts.public import export_queries
from services.calls.public import call_queries
from services.chat.public import chat_queries
from services.common.entry import http_handler
from services.common.http import create_app
from services.common.people import Directory
from services.common.settings import settings
from services.media.public import MediaRepository
from services.moderation.public import ModerationRepository
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
from services.query.moderation import ModerationQueries, moderation_router
from services.query.notifications import Shield, notifications_router
from services.query.search import SearchQueries, search_router
from services.search.public import search_index
from services.timelines.public import JobQueue, TimelineRepository

_queries = social.SocialQueries(
    ProfileRepository(), PostRepository(), MediaRepository(), TimelineRepository(), JobQueue()
)
_people, _chat = Directory(), chat_queries()
_posts = PostRepository()
app = create_app(
    "query",
    status.build_router(),
    social.people_router(_queries),
    social.timelines_router(_queries),
    social.posts_router(_queries),
    graph_router(_queries, MuteRepository()),
    authoring_router(_queries, VersionRepository(), DraftRepository()),
    engagement_router(EngagementQueries(_queries, EngagementRepository())),
    lists_router(_queries, ListRepository()),
    search_router(
        SearchQueries(lambda: search_index(settings().require("opensearch_endpoint")), _queries, MuteRepository()),
        SavedSearchRepository(),
    ),
    conversations_router(_chat, _people, MediaRepository()),
    chat_settings_router(_chat),
    calls_router(call_queries()),
    notifications_router(_people, Shield(_queries.profiles), lambda ids: excerpts_of(_posts, ids)),
    account_router(export_queries()),
    moderation_router(ModerationQueries(ModerationRepository(), ProfileRepository())),
)
handler = http_handler(app)
