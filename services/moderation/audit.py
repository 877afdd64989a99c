"""The audit log of staff actions: entries are appended and never changed."""

from __future__ import annotations

from enum import StrEnum

from services.common.lazy_dataclasses import dataclass
from services.moderation.model import CaseSubject, LogEntry, ModerationReason

#: How long an entry is kept.
KEPT_SECONDS = 2 * 365 * 24 * 3600


class StaffAction(StrEnum):
    """Moderators' decisions, and other actions of staff on people."""

    HIDE = "hide"
    UNHIDE = "unhide"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    END = "end"
    DISMISS = "dismiss"
    SIGN_OUT = "sign-out"


@dataclass(frozen=True)
class AuditEntry:
    """One entry: actor, action, subject, time and reason; ``reason`` only for actions that need one."""

    id: str
    subject: CaseSubject
    moderator_id: str
    action: StaffAction
    at: str
    reason: ModerationReason | None = None
    comment: str = ""


def of_decision(entry: LogEntry) -> AuditEntry:
    action = StaffAction(entry.decision.value)
    return AuditEntry(entry.id, entry.subject, entry.moderator_id, action, entry.at, entry.reason, entry.comment)
