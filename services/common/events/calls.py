"""Events of the calls context."""

from __future__ import annotations

from services.common.events.envelope import DomainEvent
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CallMissed(DomainEvent):
    type = "call.missed"

    call_id: str
    caller_id: str
    callee_id: str


@dataclass(frozen=True, kw_only=True)
class CallRinging(DomainEvent):
    """A call begins to ring, and rings ``until`` then at the longest."""

    type = "call.ringing"

    call_id: str
    caller_id: str
    callee_id: str
    media: str
    until: str


@dataclass(frozen=True, kw_only=True)
class CallRingingEnded(DomainEvent):
    """A call no longer rings: it was answered, declined, cancelled or missed."""

    type = "call.ringing_ended"

    call_id: str
    caller_id: str
    callee_id: str


@dataclass(frozen=True, kw_only=True)
class RoomRinging(DomainEvent):
    """The call of a group has begun, and rings ``until`` then at the longest for ``recipientIds``."""

    type = "room.ringing"

    room_id: str
    conversation_id: str
    title: str | None
    media: str
    recipient_ids: tuple[str, ...]
    until: str


@dataclass(frozen=True, kw_only=True)
class RoomRingingEnded(DomainEvent):
    """The call of a group no longer rings for ``userIds``: they joined it, left the group, or it is over."""

    type = "room.ringing_ended"

    room_id: str
    user_ids: tuple[str, ...]
