"""Resources of reports, decisions and appeals, and of an account as a whole."""

from __future__ import annotations

from typing import Any, Literal

from services.common.http import Body
from services.openapi.basics import Author

ModerationReason = Literal[
    "spam", "harassment", "hate", "violence", "sexual", "self-harm", "impersonation", "illegal", "other"
]
SubjectKind = Literal["post", "person", "message"]
Measure = Literal["none", "hidden", "suspended"]


class Reported(Body):
    """``again``: this person reported this before, and nothing changed."""

    reported: bool
    again: bool


class MeasureInForce(Body):
    kind: SubjectKind
    subject_id: str
    measure: Measure


class AppealText(Body):
    text: str
    at: str


class Decided(Body):
    """A decision about oneself or something of one's own; who decided is not told."""

    kind: SubjectKind
    subject_id: str
    measure: Measure
    reason: ModerationReason | None
    comment: str
    decided_at: str | None
    appeal: AppealText | None
    content: dict[str, Any]


class Decisions(Body):
    items: list[Decided]


class Case(Body):
    """``content``: the subject as it was when it was first reported."""

    kind: SubjectKind
    subject_id: str
    open: bool
    measure: Measure
    reports: int
    updated_at: str
    decided_at: str | None
    reason: ModerationReason | None
    comment: str
    appeal: AppealText | None
    owner: Author
    owner_suspended: str | None
    content: dict[str, Any]


class CaseReport(Body):
    reporter: Author
    reason: ModerationReason
    comment: str
    at: str


class LogEntry(Body):
    id: str
    kind: SubjectKind
    subject_id: str
    moderator: Author
    decision: Literal["hide", "unhide", "suspend", "unsuspend", "dismiss"]
    reason: ModerationReason
    comment: str
    at: str


class CaseDetail(Case):
    report_list: list[CaseReport]
    log: list[LogEntry]


class Export(Body):
    """``url`` works for ten minutes; each answer has a new one."""

    id: str
    state: Literal["requested", "ready", "failed"]
    requested_at: str
    ready_at: str | None
    expires_at: str | None
    bytes: int
    url: str | None


class Deletion(Body):
    state: Literal["deleting"]
