"""What other contexts may use of moderation."""

from __future__ import annotations

from services.moderation.audit import AuditEntry
from services.moderation.audit_repository import AuditLog
from services.moderation.commands import require_moderator
from services.moderation.model import Case, CaseSubject, LogEntry, SubjectKind
from services.moderation.personal_data import personal_data
from services.moderation.repository import ModerationRepository
from services.moderation.resources import (
    AuditEntryResource,
    CaseDetail,
    CaseResource,
    Decided,
    Decisions,
    LogEntryResource,
    audit_entry_resource,
    case_resource,
    decided_resource,
    log_entry_resource,
    report_resource,
)

__all__ = [
    "AuditEntry",
    "AuditEntryResource",
    "AuditLog",
    "Case",
    "CaseDetail",
    "CaseResource",
    "CaseSubject",
    "Decided",
    "Decisions",
    "LogEntry",
    "LogEntryResource",
    "ModerationRepository",
    "SubjectKind",
    "audit_entry_resource",
    "case_resource",
    "decided_resource",
    "log_entry_resource",
    "personal_data",
    "report_resource",
    "require_moderator",
]
