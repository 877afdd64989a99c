"""Settings of the functions of profiles."""

from __future__ import annotations

from services.common.settings import CommandSettings, EventSettings


class ProfileSettings(CommandSettings):
    """Settings of the function that takes commands."""

    table_profiles: str
    table_posts: str
    table_media: str
    bucket_media: str


class ProfileProjectorSettings(EventSettings):
    """Settings of the consumer of the table's stream."""

    table_profiles: str
