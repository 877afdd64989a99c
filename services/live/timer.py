"""Delayed messages: a broadcast is checked repeatedly until it is over."""

from __future__ import annotations

from services.common.queues import send
from services.live.model import LOOK_TIME


def look_later(queue_url: str, live_id: str) -> None:
    """``{"liveId"}`` comes back after ``LOOK_TIME``."""
    send(queue_url, {"liveId": live_id}, int(LOOK_TIME.total_seconds()))
