"""Lambda entry point of all queries; puts the contexts' repositories together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.accounts.adapter import ExportStorage
from services.accounts.repository import AccountRepository
from services.common.entry import http_handler
from services.common.http import create_app
from services.common.people import Directory
from services.media.repository import MediaRepository
from services.moderation.repository import ModerationRepository
from services.posts.engagement_repository import EdgeRepository
from services.posts.excerpts import excerpts_of
from services.posts.life_repository import VersionRepository
from services.posts.repository import PostRepository
from services.posts.shelf_repository import ShelfRepository
from services.profiles.lists import ListRepository
from services.profiles.mutes import MuteRepository
from services.profiles.repository import ProfileRepository, SavedSearchRepository
from services.query import social, status
from services.query.account import account_router
from services.query.calls import calls_router
from services.query.conversations import chat_settings_router, conversations_router
from services.query.engagement import EngagementQueries, engagement_router
from services.query.graph import graph_router
from services.query.life import life_router
from services.query.lists import lists_router
from services.query.moderation import ModerationQueries, moderation_router
from services.query.notifications import Shield, notifications_router
from services.query.search import SearchQueries, search_router
from services.timelines.adapter import JobQueue
from services.timelines.repository import TimelineRepository

if TYPE_CHECKING:
    from services.search.index import SearchIndex


def _search_index() -> SearchIndex:
    """Loaded by the first search: the client would cost every other cold start most of its time."""
    from services.search.index import search_index

    return search_index()


_queries = social.SocialQueries(
    ProfileRepository(), PostRepository(), MediaRepository(), TimelineRepository(), JobQueue()
)
_people = Directory()
_posts = PostRepository()
app = create_app(
    "query",
    status.build_router(),
    social.people_router(_queries),
    social.timelines_router(_queries),
    social.posts_router(_queries),
    graph_router(_queries, MuteRepository()),
    life_router(_queries, VersionRepository(), ShelfRepository()),
    engagement_router(EngagementQueries(_queries, EdgeRepository())),
    lists_router(_queries, ListRepository()),
    search_router(SearchQueries(_search_index, _queries, MuteRepository()), SavedSearchRepository()),
    conversations_router(_people, MediaRepository()),
    chat_settings_router(),
    calls_router(),
    notifications_router(_people, Shield(_queries.profiles), lambda ids: excerpts_of(_posts, ids)),
    account_router(AccountRepository(), ExportStorage()),
    moderation_router(ModerationQueries(ModerationRepository(), ProfileRepository())),
)
handler = http_handler(app)
