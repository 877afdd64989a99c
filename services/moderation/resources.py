"""What moderation answers with: reports, cases, decisions and appeals."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from services.common.resources import Author
from services.moderation.model import Decision, Measure, ModerationReason, SubjectKind


class Reported(TypedDict):
    """``again``: this person reported this before, and nothing changed."""

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
    """A decision about the viewer or something of theirs, without who decided."""

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


class CaseDetail(CaseResource):
    """A case with its latest reports and decisions."""

    reportList: list[CaseReport]
    log: list[LogEntryResource]
