"""What other contexts may use of live."""

from __future__ import annotations

from services.live.message_repository import SCOPE, LiveMessageRepository
from services.live.model import Broadcast, LiveState, not_there
from services.live.personal_data import personal_data
from services.live.repository import LiveRepository
from services.live.resources import Live, LiveMessageResource, live_message_resource, live_resource

__all__ = [
    "SCOPE",
    "Broadcast",
    "Live",
    "LiveMessageRepository",
    "LiveMessageResource",
    "LiveRepository",
    "LiveState",
    "live_message_resource",
    "live_resource",
    "not_there",
    "personal_data",
]
