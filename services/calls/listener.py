"""Applies domain events of other contexts to calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from services.calls.endings import Endings
from services.calls.model import Call
from services.calls.room_commands import RoomEndings
from services.common.clock import from_text
from services.common.events import ChatMemberLeft, DeviceLeft, DomainEvent, ModerationDecided, UserBlocked
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger


@dataclass(frozen=True)
class Listener:
    """Ends calls after a block or a suspension; records that a party's device is gone; removes suspended people and
    former members from group calls. Deletion of an account: ``public.personal_data``."""

    endings: Endings
    rooms: RoomEndings

    def handle(self, event: DomainEvent) -> None:
        """One of ``HANDLERS``; the same one may come any number of times."""
        if type(event) in self.HANDLERS:
            ended = self.HANDLERS[type(event)](self, event)
            logger.info(event.type, extra={"changed": bool(ended)})

    def _blocked(self, event: UserBlocked) -> Call | None:
        return self.endings.end_between(event.blocker_id, event.blocked_id)

    def _left(self, event: DeviceLeft) -> Call | None:
        return self.endings.device_left(event.user_id, event.device, from_text(event.at))

    def _decided(self, event: ModerationDecided) -> Call | bool | None:
        if event.decision != "suspend":
            return None
        return self.endings.end_of(event.owner_id) or self.rooms.put_out(event.owner_id)

    def _left_group(self, event: ChatMemberLeft) -> bool:
        return self.rooms.remove(event.conversation_id, event.user_id)

    HANDLERS: ClassVar[dict[type[DomainEvent], Callable[[Listener, Any], Call | bool | None]]] = {
        UserBlocked: _blocked,
        DeviceLeft: _left,
        ModerationDecided: _decided,
        ChatMemberLeft: _left_group,
    }
