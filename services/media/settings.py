"""Settings of the functions of media; its HTTP commands run in the post function."""

from __future__ import annotations

from services.common.settings import FrameSettings, FunctionSettings, MediaLinkSettings, QueueSettings


class ProcessorSettings(FrameSettings, MediaLinkSettings):
    """Settings of the function that turns uploads into what is served."""

    table_media: str
    bucket_media: str


class RemovalSettings(FunctionSettings):
    """What deletes objects, and has CloudFront drop its copies: the parameter names the distribution."""

    bucket_media: str
    media_access_parameter: str


class KeeperSettings(RemovalSettings, QueueSettings):
    """Settings of the function that keeps what posts, profiles and chat show, and discards the rest."""

    table_media: str
    table_posts: str
    table_profiles: str
    table_chat: str
    queue_media: str


class CollectorSettings(RemovalSettings):
    """Settings of the consumer of the table's stream."""
