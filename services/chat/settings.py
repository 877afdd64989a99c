"""Settings of the functions of chat."""

from __future__ import annotations

from services.common.settings import CommandSettings, EventSettings, FrameSettings, MediaLinkSettings, QueueSettings
from services.realtime.public import RegistrySettings, TransportSettings


class CommandsSettings(TransportSettings, CommandSettings, MediaLinkSettings):
    """Settings of the function that takes commands."""

    table_chat: str
    table_profiles: str
    table_media: str
    bucket_media: str


class RelaySettings(RegistrySettings, EventSettings, FrameSettings, MediaLinkSettings):
    """Settings of the consumer of the table's stream."""

    table_chat: str
    table_profiles: str
    queue_chat_arrivals: str


class ArrivalSettings(QueueSettings, EventSettings):
    """Settings of the consumer of ``queue_chat_arrivals``."""

    table_chat: str
