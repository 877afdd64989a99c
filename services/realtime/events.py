"""What others hear of connections."""

from __future__ import annotations

from services.common import events
from services.common.observability import logger
from services.common.settings import settings


def tell_left(user_id: str, device: str) -> None:
    """Publish ``device.left``. Best effort, as the news of a closed connection is itself."""
    data = {"userId": user_id, "device": device}
    left = events.event("device.left", cause=device, actor=user_id, data=data)
    try:
        events.publish(settings().require("topic_events"), [left])
    except Exception as error:
        logger.warning("nobody was told of a device that left", extra={"reason": repr(error)[:200]})
