"""Events of the accounts context."""

from __future__ import annotations

from services.common.events.envelope import DomainEvent
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class UserDeleted(DomainEvent):
    """Everything of the account is gone."""

    type = "user.deleted"

    user_id: str
