"""Settings of the functions of posts."""

from __future__ import annotations

from services.common.settings import (
    CommandSettings,
    EventSettings,
    FunctionSettings,
    MediaLinkSettings,
    QueueSettings,
)


class PostTables(FunctionSettings):
    """What commands on posts read and write."""

    table_posts: str
    table_profiles: str
    table_media: str
    table_timelines: str


class PostSettings(PostTables, CommandSettings, MediaLinkSettings):
    """Settings of the function that takes commands, those of media too."""

    bucket_media: str
    #: Where browsers and tests send presigned uploads to, when that differs from the S3 endpoint of the function.
    s3_public_endpoint: str = ""


class PostProjectorSettings(EventSettings):
    """Settings of the consumer of the table's stream."""

    table_posts: str


class SweeperSettings(FunctionSettings):
    """Settings of the function that finds what is due and sends it to ``queue_due``."""

    table_posts: str
    queue_due: str


class DueSettings(PostTables, QueueSettings, EventSettings):
    """Settings of the consumer of ``queue_due``."""

    queue_due: str
