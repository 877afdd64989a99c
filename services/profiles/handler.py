"""Lambda entry points of the profiles context; the one place that puts it together with its neighbours."""

from __future__ import annotations

from services.common import counters, events
from services.common.entry import change_handler, http_handler
from services.common.http import create_app
from services.common.projector import Projector
from services.common.settings import settings
from services.media.repository import MediaRepository
from services.posts.repository import PostRepository
from services.profiles.api import build_router
from services.profiles.commands import ProfileCommands
from services.profiles.events import deltas_of, events_of
from services.profiles.repository import ProfileRepository, SavedSearchRepository
from services.profiles.searches import SearchCommands
from services.search.language import parse

_profiles = ProfileRepository()
_commands = ProfileCommands(_profiles, MediaRepository())
_searches = SearchCommands(SavedSearchRepository(), parse)
app = create_app("profiles", build_router(_commands, PostRepository(), _searches))
handler = http_handler(app)
projector = change_handler(
    Projector(
        deltas_of,
        events_of,
        count=lambda deltas: counters.apply(_profiles.name, deltas),
        publish=lambda found: events.publish(settings().require("topic_events"), found),
    )
)
