"""What other contexts may use of moderation."""

from __future__ import annotations

from services.moderation.commands import require_moderator
from services.moderation.model import Case, CaseSubject, LogEntry, SubjectKind
from services.moderation.personal_data import personal_data
from services.moderation.repository import ModerationRepository
from services.moderation.resources import CaseDetail, CaseResource, Decisions, LogEntryResource

__all__ = [
    "Case",
    "CaseDetail",
    "CaseResource",
    "CaseSubject",
    "Decisions",
    "LogEntry",
    "LogEntryResource",
    "ModerationRepository",
    "SubjectKind",
    "personal_data",
    "require_moderator",
]
