"""Events of the moderation context."""

from __future__ import annotations

from typing import Literal

from services.common.events.envelope import DomainEvent, StateVersion
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ModerationDecided(DomainEvent):
    """``owner_id`` is the affected person; ``comment`` holds the moderator's words for them. The actor is the
    moderator: nobody outside moderation learns who that is."""

    type = "moderation.decided"

    decision: Literal["hide", "unhide", "suspend", "unsuspend", "end", "dismiss"]
    subject_kind: Literal["post", "person", "message", "live"]
    subject_id: str
    owner_id: str
    reason: str
    comment: str
    subject_version: StateVersion
