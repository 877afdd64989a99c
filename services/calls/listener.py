"""What domain events of other contexts do to calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from services.calls import endings
from services.calls.model import grace_left
from services.calls.repository import CallRepository
from services.common.clock import now
from services.common.events import DeviceLeft, DomainEvent, UserBlocked
from services.common.observability import logger


@dataclass(frozen=True)
class Listener:
    """Ends a call when one party blocks the other, and some time after the device of a party has left.

    Args:
        start_absence_timer: of a call, for a party, at a device; it goes off after so long.
    """

    calls: CallRepository
    start_absence_timer: Callable[[str, str, str, timedelta], None]

    def handle(self, event: DomainEvent) -> None:
        """One of ``HANDLERS``; the same one may come any number of times."""
        if type(event) in self.HANDLERS:
            self.HANDLERS[type(event)](self, event)

    def _blocked(self, event: UserBlocked) -> None:
        ended = endings.end_between(self.calls, event.blocker_id, event.blocked_id)
        logger.info("blocked", extra={"ended": ended is not None})

    def _left(self, event: DeviceLeft) -> None:
        if call := endings.call_left(self.calls, event.user_id, event.device):
            self.start_absence_timer(call.id, event.user_id, event.device, grace_left(event.at, now()))

    HANDLERS: ClassVar[dict[type[DomainEvent], Callable[[Listener, Any], None]]] = {
        UserBlocked: _blocked,
        DeviceLeft: _left,
    }
