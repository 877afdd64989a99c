"""Applies domain events of other contexts to broadcasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from services.common.events import DomainEvent, ModerationDecided, UserBlocked
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.live.looking import LiveEndings
from services.live.model import Broadcast


@dataclass(frozen=True)
class LiveListener:
    """Ends broadcasts of suspended people, and those that moderators end; after a block, removes both people from each
    other's broadcast. Deletion of an account: ``public.personal_data``."""

    endings: LiveEndings

    def handle(self, event: DomainEvent) -> None:
        """One of ``HANDLERS``; the same one may come any number of times."""
        if type(event) in self.HANDLERS:
            changed = self.HANDLERS[type(event)](self, event)
            logger.info(event.type, extra={"changed": bool(changed)})

    def _blocked(self, event: UserBlocked) -> int:
        return self.endings.part(event.blocker_id, event.blocked_id)

    def _decided(self, event: ModerationDecided) -> Broadcast | None:
        if event.decision == "end":
            return self.endings.end(event.subject_id)
        return self.endings.end_of(event.owner_id) if event.decision == "suspend" else None

    HANDLERS: ClassVar[dict[type[DomainEvent], Callable[[LiveListener, Any], Broadcast | int | None]]] = {
        UserBlocked: _blocked,
        ModerationDecided: _decided,
    }
