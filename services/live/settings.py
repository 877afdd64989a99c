"""Settings of the functions of live."""

from __future__ import annotations

from services.common.settings import CommandSettings, EventSettings, FrameSettings, FunctionSettings, QueueSettings


class LiveMediaSettings(FunctionSettings):
    """Settings of a function that asks the media server: ``sfu_url`` as browsers reach it, ``sfu_callback_url`` as
    functions do, and the name of the secret that tokens for it are signed with. Without them nobody can go live."""

    sfu_url: str = ""
    sfu_callback_url: str = ""
    sfu_secret_name: str = ""


class LiveSettings(CommandSettings, LiveMediaSettings):
    """Settings of the function that takes commands."""

    table_live: str
    table_profiles: str


class LiveProjectorSettings(EventSettings, FrameSettings):
    """Settings of the consumer of the table's stream."""

    table_live: str
    table_profiles: str
    queue_live_looks: str


class LiveTimerSettings(QueueSettings, LiveMediaSettings):
    """Settings of the consumer of ``queue_live_looks``."""

    table_live: str
    queue_live_looks: str


class LiveListenerSettings(QueueSettings):
    """Settings of the consumer of domain events."""

    table_live: str
