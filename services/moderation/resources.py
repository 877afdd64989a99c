"""What moderation answers with: reports, cases, decisions and appeals."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from services.common.resources import Author
from services.common.signed_urls import granted
from services.moderation.audit import AuditEntry, StaffAction
from services.moderation.model import (
    Appeal,
    Case,
    Decision,
    LogEntry,
    Measure,
    ModerationReason,
    Report,
    SubjectKind,
)


class Reported(TypedDict):
    """``again``: this person had already reported this; nothing changed."""

    reported: bool
    again: bool


class MeasureInForce(TypedDict):
    kind: SubjectKind
    subjectId: str
    measure: Measure


class AppealText(TypedDict):
    text: str
    at: str


class Decided(TypedDict):
    """A decision about the viewer or their content, without the moderator."""

    kind: SubjectKind
    subjectId: str
    measure: Measure
    reason: ModerationReason | None
    comment: str
    decidedAt: str | None
    appeal: AppealText | None
    content: dict[str, Any]


class Decisions(TypedDict):
    items: list[Decided]


class CaseResource(Decided):
    """``content``: the subject as it was when it was first reported."""

    open: bool
    reports: int
    updatedAt: str
    owner: Author
    ownerSuspended: str | None


class CaseState(TypedDict):
    """A case without the people in it and without what it is about, as exports hold it."""

    kind: SubjectKind
    subjectId: str
    open: bool
    measure: Measure
    reports: int
    updatedAt: str
    decidedAt: str | None
    reason: ModerationReason | None
    comment: str
    appeal: AppealText | None


class CaseReport(TypedDict):
    reporter: Author
    reason: ModerationReason
    comment: str
    at: str


class LogEntryResource(TypedDict):
    id: str
    kind: SubjectKind
    subjectId: str
    moderator: Author
    decision: Decision
    reason: ModerationReason
    comment: str
    at: str


class AuditEntryResource(TypedDict):
    """``reason``: null if the action needs none."""

    id: str
    kind: SubjectKind
    subjectId: str
    moderator: Author
    action: StaffAction
    reason: ModerationReason | None
    comment: str
    at: str


class CaseDetail(CaseResource):
    """A case with its latest reports and decisions."""

    reportList: list[CaseReport]
    log: list[LogEntryResource]


def _appeal_resource(appeal: Appeal | None) -> AppealText | None:
    return {"text": appeal.text, "at": appeal.at} if appeal else None


def state_resource(case: Case) -> CaseState:
    return {
        "kind": case.subject.kind,
        "subjectId": case.subject.id,
        "open": case.open,
        "measure": case.measure,
        "reports": case.reports,
        "updatedAt": case.updated_at,
        "decidedAt": case.decided_at,
        "reason": case.reason,
        "comment": case.comment,
        "appeal": _appeal_resource(case.appeal),
    }


def case_resource(case: Case, owner: Author, owner_suspended: str | None) -> CaseResource:
    """For moderators, who judge pictures by seeing them: links in ``content`` are signed."""
    return {
        **state_resource(case),
        "owner": owner,
        "ownerSuspended": owner_suspended,
        "content": granted(dict(case.content)),
    }


def decided_resource(case: Case) -> Decided:
    """For the person whom the decision is about."""
    return {
        "kind": case.subject.kind,
        "subjectId": case.subject.id,
        "measure": case.measure,
        "reason": case.reason,
        "comment": case.comment,
        "decidedAt": case.decided_at,
        "appeal": _appeal_resource(case.appeal),
        "content": granted(dict(case.content)),
    }


def report_resource(report: Report, reporter: Author) -> CaseReport:
    return {"reporter": reporter, "reason": report.reason, "comment": report.comment, "at": report.at}


def log_entry_resource(entry: LogEntry, moderator: Author) -> LogEntryResource:
    return {
        "id": entry.id,
        "kind": entry.subject.kind,
        "subjectId": entry.subject.id,
        "moderator": moderator,
        "decision": entry.decision,
        "reason": entry.reason,
        "comment": entry.comment,
        "at": entry.at,
    }


def audit_entry_resource(entry: AuditEntry, moderator: Author) -> AuditEntryResource:
    return {
        "id": entry.id,
        "kind": entry.subject.kind,
        "subjectId": entry.subject.id,
        "moderator": moderator,
        "action": entry.action,
        "reason": entry.reason,
        "comment": entry.comment,
        "at": entry.at,
    }
