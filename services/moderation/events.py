"""From the audit log to domain events."""

from __future__ import annotations

from services.common.counters import Delta
from services.common.events import DomainEvent, ModerationDecided
from services.common.streams import Change


def deltas_of(_: Change) -> list[Delta]:
    """Nothing is counted here: the reports are counted with the report itself."""
    return []


def events_of(change: Change) -> list[DomainEvent]:
    """``moderation.decided`` for each new entry of the log."""
    if change.kind != "decision" or change.old is not None or change.new is None:
        return []
    item = change.new
    return [
        ModerationDecided(
            cause=item["id"],
            actor=item["moderatorId"],
            at=item["at"],
            decision=item["decision"],
            subject_kind=item["kind"],
            subject_id=item["subjectId"],
            owner_id=item["ownerId"],
            reason=item.get("reason", ""),
            comment=item.get("comment", ""),
            subject_version=item["version"],
        )
    ]
