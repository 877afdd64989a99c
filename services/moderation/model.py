"""Reports, cases and decisions, and the rules on them.

A case is everything about one subject: the reports, the present measure and the appeal. ``version`` grows with each
decision, so that a consumer that applies decisions out of order ends with the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from services.common.errors import Conflict, FieldError, Unprocessable
from services.common.lazy_dataclasses import dataclass
from services.common.text import clean

COMMENT_LIMIT = 1000
APPEAL_LIMIT = 1000


class SubjectKind(StrEnum):
    """``message`` ids are ``<conversation>.<seq>``; ``live`` is a broadcast."""

    POST = "post"
    PERSON = "person"
    MESSAGE = "message"
    LIVE = "live"

    @property
    def noun(self) -> str:
        return "broadcast" if self is SubjectKind.LIVE else self.value


class ModerationReason(StrEnum):
    SPAM = "spam"
    HARASSMENT = "harassment"
    HATE = "hate"
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    SELF_HARM = "self-harm"
    IMPERSONATION = "impersonation"
    ILLEGAL = "illegal"
    OTHER = "other"


class Measure(StrEnum):
    """The measure that is in force."""

    NONE = "none"
    HIDDEN = "hidden"
    SUSPENDED = "suspended"
    #: A broadcast, for good.
    ENDED = "ended"


class Decision(StrEnum):
    HIDE = "hide"
    UNHIDE = "unhide"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    END = "end"
    #: Nothing is wrong with it, or the measure stays although there was an appeal.
    DISMISS = "dismiss"


#: decision → (what it is about, the measure that must be in force, the measure that is then); ``None``: any, unchanged
RULES: dict[Decision, tuple[SubjectKind | None, Measure | None, Measure | None]] = {
    Decision.HIDE: (SubjectKind.POST, Measure.NONE, Measure.HIDDEN),
    Decision.UNHIDE: (SubjectKind.POST, Measure.HIDDEN, Measure.NONE),
    Decision.SUSPEND: (SubjectKind.PERSON, Measure.NONE, Measure.SUSPENDED),
    Decision.UNSUSPEND: (SubjectKind.PERSON, Measure.SUSPENDED, Measure.NONE),
    Decision.END: (SubjectKind.LIVE, Measure.NONE, Measure.ENDED),
    Decision.DISMISS: (None, None, None),
}


@dataclass(frozen=True)
class CaseSubject:
    kind: SubjectKind
    id: str


@dataclass(frozen=True)
class Evidence:
    """The subject's owner, and its content when it was reported: it may be changed or deleted before a moderator
    looks."""

    owner_id: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    subject: CaseSubject
    reporter_id: str
    reason: ModerationReason
    comment: str
    at: str


@dataclass(frozen=True)
class Appeal:
    """What the affected person says about the measure; one appeal for each."""

    text: str
    at: str
    version: int


@dataclass(frozen=True)
class Case:
    """``open`` cases wait for a moderator; ``reason`` and ``comment`` are those of the last decision."""

    subject: CaseSubject
    owner_id: str
    open: bool
    content: Mapping[str, Any]
    measure: Measure = Measure.NONE
    reports: int = 0
    version: int = 0
    updated_at: str = ""
    decided_at: str | None = None
    reason: ModerationReason | None = None
    comment: str = ""
    appeal: Appeal | None = None
    queue_key: str = ""

    def decide(self, decision: Decision) -> Measure:
        """The measure that is in force after ``decision``.

        Raises:
            Unprocessable: this decision is not about this kind of subject.
            Conflict: the measure in force is another; somebody else decided first.
        """
        kind, before, after = RULES[decision]
        if kind is not None and self.subject.kind is not kind:
            fault = FieldError("decision", f"one that is about a {self.subject.kind.noun}", decision.value)
            raise Unprocessable(f"The decision {decision} applies only to a {kind.noun}.", fault)
        if before is not None and self.measure is not before:
            raise Conflict(f"The measure in force is '{self.measure}', expected '{before}'.")
        return self.measure if after is None else after


@dataclass(frozen=True)
class LogEntry:
    """Who decided what on a case, when and why."""

    id: str
    subject: CaseSubject
    owner_id: str
    moderator_id: str
    decision: Decision
    reason: ModerationReason
    comment: str
    at: str
    version: int


def checked_comment(comment: str) -> str:
    """Raises: BadRequest."""
    return clean("comment", comment, limit=COMMENT_LIMIT)


def checked_appeal(text: str) -> str:
    """Raises: BadRequest (empty, too long)."""
    return clean("text", text, limit=APPEAL_LIMIT, least=1)
