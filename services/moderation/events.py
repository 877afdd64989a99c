"""From the audit log to domain events."""

from __future__ import annotations

from services.common.counters import Delta
from services.common.events import DomainEvent, event
from services.common.streams import Change


def deltas_of(_: Change) -> list[Delta]:
    """Nothing is counted here: the reports are counted with the report itself."""
    return []


def events_of(change: Change) -> list[DomainEvent]:
    """``moderation.decided`` for each new entry of the log."""
    if change.kind != "decision" or change.old is not None or change.new is None:
        return []
    item = change.new
    data = {
        "decision": item["decision"],
        "subjectKind": item["kind"],
        "subjectId": item["subjectId"],
        "ownerId": item["ownerId"],
        "reason": item.get("reason", ""),
        "comment": item.get("comment", ""),
        "version": item["version"],
    }
    return [event("moderation.decided", cause=item["id"], actor=item["moderatorId"], data=data, at=item["at"])]
