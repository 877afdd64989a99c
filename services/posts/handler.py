"""Lambda entry points of the posts context; the one place that puts it together with its neighbours.

A command asks its neighbours synchronously where its own answer depends on it: who is mentioned and who follows whom
(profiles), whether media are ready (media). All else goes by events.
"""

from __future__ import annotations

from services.common import counters, events
from services.common.entry import change_handler, http_handler
from services.common.http import create_app
from services.common.projector import Projector
from services.common.settings import settings
from services.media.adapter import MediaStorage
from services.media.api import build_router as media_router
from services.media.commands import MediaCommands
from services.media.repository import MediaRepository
from services.posts.api import build_router
from services.posts.commands import PostCommands
from services.posts.engagement import EngagementCommands
from services.posts.engagement_api import build_router as engagement_router
from services.posts.engagement_repository import EdgeRepository
from services.posts.events import deltas_of, events_of
from services.posts.repository import PostRepository
from services.profiles.repository import ProfileRepository
from services.timelines.repository import TimelineRepository

_posts = PostRepository()
_media = MediaRepository()
_commands = PostCommands(_posts, ProfileRepository(), _media, TimelineRepository())
app = create_app(
    "posts",
    build_router(_commands),
    engagement_router(EngagementCommands(_commands, EdgeRepository())),
    media_router(MediaCommands(_media, MediaStorage())),
)
handler = http_handler(app)
projector = change_handler(
    Projector(
        deltas_of,
        events_of,
        count=lambda deltas: counters.apply(_posts.name, deltas),
        publish=lambda found: events.publish(settings().require("topic_events"), found),
    )
)
