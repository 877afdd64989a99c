"""Domain events about connections."""

from __future__ import annotations

from services.common.events import DeviceLeft, publish
from services.common.observability import logger
from services.common.settings import EventSettings


def tell_left(user_id: str, device: str) -> None:
    """Publish ``device.left``. Best effort, like the notice of a closed connection itself."""
    left = DeviceLeft(cause=device, actor=user_id, user_id=user_id, device=device)
    try:
        publish(EventSettings.read().topic_events, [left])
    except Exception as error:
        logger.warning("nobody was told of a device that left", extra={"reason": repr(error)[:200]})
