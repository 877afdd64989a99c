"""Settings of the fan-out."""

from __future__ import annotations

from services.common.settings import FrameSettings, QueueSettings


class FanOutSettings(QueueSettings, FrameSettings):
    """``queue_timelines``: to which the function sends further work."""

    table_timelines: str
    table_profiles: str
    queue_timelines: str
    #: An author with so many followers is no longer fanned out, but merged when timelines are read.
    timeline_merge_followers: int = 10_000
    #: Readers without a visit for so many days get no fan-out; their timeline is rebuilt at the next visit.
    timeline_active_days: int = 14
