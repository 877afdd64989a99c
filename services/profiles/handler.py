"""Lambda entry points of the profiles context; composes it with other contexts."""

from __future__ import annotations

from fastapi import FastAPI

from services.common import counters, events
from services.common.entry import Handler, change_handler, entry_point, http_handler
from services.common.http import create_app
from services.common.projector import Projector
from services.media.public import pictures
from services.posts.public import PostRepository
from services.profiles.api import build_router
from services.profiles.commands import ProfileCommands
from services.profiles.events import deltas_of, events_of
from services.profiles.graph_api import graph_router
from services.profiles.graph_commands import GraphCommands
from services.profiles.list_api import lists_router
from services.profiles.list_commands import ListCommands
from services.profiles.list_repository import ListRepository
from services.profiles.mute_repository import MuteRepository
from services.profiles.repository import ProfileRepository
from services.profiles.saved_search_commands import SavedSearchCommands
from services.profiles.saved_search_repository import SavedSearchRepository
from services.profiles.settings import ProfileProjectorSettings, ProfileSettings
from services.search.public import parse


class PostThreads:
    """The posts context, for muting a thread."""

    def __init__(self, posts: PostRepository, profiles: ProfileRepository) -> None:
        self._posts, self._profiles = posts, profiles

    def root_of(self, post_id: str) -> str | None:
        post = self._posts.many([post_id]).get(post_id)
        return (post.root_id or post.id) if post else None

    def root_seen_by(self, viewer: str, post_id: str) -> str | None:
        post = self._posts.many([post_id]).get(post_id)
        seen = post is not None and post.visible_to(viewer, self._profiles.relation(viewer, post.author_id))
        return (post.root_id or post.id) if post and seen else None


def build_app(settings: ProfileSettings) -> FastAPI:
    table = settings.table_profiles
    profiles, posts = ProfileRepository(table), PostRepository(settings.table_posts)
    commands = ProfileCommands(profiles, pictures(settings.table_media, settings.bucket_media))
    graph = GraphCommands(profiles, MuteRepository(table), PostThreads(posts, profiles))
    return create_app(
        "profiles",
        build_router(commands, posts, SavedSearchCommands(SavedSearchRepository(table), parse)),
        graph_router(graph),
        lists_router(ListCommands(ListRepository(table), profiles)),
    )


@entry_point(ProfileSettings)
def handler(settings: ProfileSettings) -> Handler:
    return http_handler(build_app(settings), settings)


@entry_point(ProfileProjectorSettings)
def projector(settings: ProfileProjectorSettings) -> Handler:
    return change_handler(
        Projector(
            deltas_of,
            events_of,
            count=lambda deltas: counters.apply(settings.table_profiles, deltas),
            publish=lambda found: events.publish(settings.topic_events, found),
        )
    )
