"""Events of the calls context."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.events.envelope import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CallMissed(DomainEvent):
    type = "call.missed"

    call_id: str
    caller_id: str
    callee_id: str
