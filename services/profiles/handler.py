"""Lambda entry points of the profiles context; the one place that puts it together with its neighbours."""

from __future__ import annotations

from services.common import counters, events
from services.common.entry import change_handler, http_handler
from services.common.http import create_app
from services.common.projector import Projector
from services.common.settings import settings
from services.media.public import pictures
from services.posts.public import PostRepository
from services.profiles.api import build_router
from services.profiles.commands import ProfileCommands
from services.profiles.events import deltas_of, events_of
from services.profiles.graph_api import graph_router
from services.profiles.graph_commands import GraphCommands
from services.profiles.list_api import lists_router
from services.profiles.list_repository import ListCommands, ListRepository
from services.profiles.mutes import MuteRepository
from services.profiles.repository import ProfileRepository, SavedSearchRepository
from services.profiles.saved_searches import SearchCommands
from services.search.public import parse


class _Threads:
    """The posts context, as far as muting a thread needs it."""

    def root_of(self, post_id: str) -> str | None:
        post = _posts.many([post_id]).get(post_id)
        return (post.root_id or post.id) if post else None

    def root_seen_by(self, viewer: str, post_id: str) -> str | None:
        post = _posts.many([post_id]).get(post_id)
        seen = post is not None and post.visible_to(viewer, _profiles.tie(viewer, post.author_id))
        return (post.root_id or post.id) if post and seen else None


_profiles, _posts = ProfileRepository(), PostRepository()
_commands = ProfileCommands(_profiles, pictures())
_searches = SearchCommands(SavedSearchRepository(), parse)
_graph = GraphCommands(_profiles, MuteRepository(), _Threads())
_lists = ListCommands(ListRepository(), _profiles)
app = create_app("profiles", build_router(_commands, _posts, _searches), graph_router(_graph), lists_router(_lists))
handler = http_handler(app)
projector = change_handler(
    Projector(
        deltas_of,
        events_of,
        count=lambda deltas: counters.apply(_profiles.name, deltas),
        publish=lambda found: events.publish(settings().require("topic_events"), found),
    )
)
