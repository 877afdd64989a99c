"""Settings of the Query function, which reads the tables of every context."""

from __future__ import annotations

from services.accounts.public import ExportLinkSettings
from services.calls.public import IceSettings
from services.common.settings import CommandSettings, MediaLinkSettings


class QuerySettings(CommandSettings, MediaLinkSettings, ExportLinkSettings, IceSettings):
    """Searches are counted; ``queue_timelines`` gets the visits of readers."""

    table_profiles: str
    table_posts: str
    table_timelines: str
    table_media: str
    table_chat: str
    table_calls: str
    table_live: str
    table_notifications: str
    table_moderation: str
    table_audit: str
    opensearch_endpoint: str
    #: The media server as browsers reach it; without one nobody is live.
    sfu_url: str = ""
    queue_timelines: str
    #: As the fan-out has it: who was not here for so many days waits for a timeline that is made up for.
    timeline_active_days: int = 14
