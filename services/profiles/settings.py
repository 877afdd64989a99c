"""Settings of the functions of profiles."""

from __future__ import annotations

from services.common.settings import CommandSettings, EventSettings


class ProfileSettings(CommandSettings):
    """Of the function that takes commands."""

    table_profiles: str
    table_posts: str
    table_media: str
    bucket_media: str


class ProfileProjectorSettings(EventSettings):
    """Of the consumer of the table's stream."""

    table_profiles: str
