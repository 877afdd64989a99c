"""Commands of people and moderators: report, decide, appeal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from services.common.claims import Viewer, is_staff
from services.common.clock import now_text
from services.common.errors import Conflict, FieldError, Forbidden, NotFound, Unprocessable
from services.common.ids import new_id
from services.moderation.audit import AuditEntry, StaffAction, of_decision
from services.moderation.model import (
    Case,
    CaseSubject,
    Decision,
    Evidence,
    LogEntry,
    Measure,
    ModerationReason,
    Report,
    SubjectKind,
    checked_appeal,
    checked_comment,
)


class Cases(Protocol):
    """The repository, for the commands."""

    def case(self, subject: CaseSubject) -> Case | None: ...
    def report(self, report: Report, evidence: Evidence) -> bool: ...
    def decide(self, before: Case, entry: LogEntry, measure: Measure, audited: Mapping[str, Any]) -> None: ...
    def appeal(self, case: Case, text: str) -> bool: ...


class Audit(Protocol):
    """The audit log, with an entry for every staff action."""

    def append(self, entry: AuditEntry) -> None: ...
    def appending(self, entry: AuditEntry) -> Mapping[str, Any]: ...


class Subjects(Protocol):
    """The other contexts, as far as moderation needs them."""

    def evidence(self, viewer_id: str | None, subject: CaseSubject) -> Evidence | None:
        """The subject as ``viewer_id`` sees it, ``None`` where they do not; ``viewer_id=None`` sees everything."""


class Staff(Protocol):
    """The network's staff."""

    def groups_of(self, user_id: str) -> frozenset[str]:
        """The names of a person's groups, as in their tokens."""


class ModerationCommands:
    """``report``, ``decide``, ``appeal``, and ``sign_out`` of others.

    Args:
        sign_out: ends all sessions of a person, soon.
    """

    def __init__(
        self, cases: Cases, audit: Audit, subjects: Subjects, staff: Staff, sign_out: Callable[[str], None]
    ) -> None:
        self._cases = cases
        self._audit = audit
        self._subjects = subjects
        self._staff = staff
        self._sign_out = sign_out

    def report(self, reporter_id: str, subject: CaseSubject, reason: ModerationReason, comment: str) -> bool:
        """Report a visible subject; ``False`` when the person reported it before, without effect.

        Raises:
            NotFound: it is not there for the reporter.
            Unprocessable: it is their own.
            BadRequest: the comment is too long.
        """
        said = checked_comment(comment)
        evidence = self._subjects.evidence(reporter_id, subject)
        if evidence is None:
            raise NotFound(f"{subject.kind.noun.capitalize()} not found.")
        if evidence.owner_id == reporter_id:
            raise Unprocessable(
                "You can't report yourself or your own content.",
                FieldError("subjectId", "another person, or their post or message", subject.id),
            )
        return self._cases.report(Report(subject, reporter_id, reason, said, now_text()), evidence)

    def sign_out(self, moderator: Viewer, user_id: str) -> None:
        """Sign a person out on all devices, for accounts that may be compromised.

        Raises:
            Forbidden: not a moderator, or a moderator about staff.
            NotFound: the person does not exist.
        """
        require_moderator(moderator)
        subject = CaseSubject(SubjectKind.PERSON, user_id)
        if self._subjects.evidence(None, subject) is None:
            raise NotFound("Person not found.")
        self._require_right_over(moderator, user_id)
        # First: what was done always has its entry, also when the queue does not answer.
        self._audit.append(AuditEntry(new_id(), subject, moderator.user_id, StaffAction.SIGN_OUT, now_text()))
        self._sign_out(user_id)

    def decide(
        self, moderator: Viewer, subject: CaseSubject, decision: Decision, reason: ModerationReason, comment: str
    ) -> tuple[Case, Measure]:
        """Decide on a case; on a post or a person also without a report.

        Returns:
            The case as it was, and the measure in force now.

        Raises:
            Forbidden: not a moderator, about oneself, or a moderator about an account of staff.
            NotFound, Unprocessable, Conflict: see ``Case.decide``.
        """
        require_moderator(moderator)
        said = checked_comment(comment)
        case = self._cases.case(subject) or self._unreported(subject)
        if case.owner_id == moderator.user_id:
            raise Forbidden("You can't decide your own case.")
        if subject.kind is SubjectKind.PERSON:
            self._require_right_over(moderator, subject.id)
        measure = case.decide(decision)
        entry = LogEntry(
            id=new_id(),
            subject=subject,
            owner_id=case.owner_id,
            moderator_id=moderator.user_id,
            decision=decision,
            reason=reason,
            comment=said,
            at=now_text(),
            version=case.version + 1,
        )
        self._cases.decide(case, entry, measure, self._audit.appending(of_decision(entry)))
        return case, measure

    def _require_right_over(self, moderator: Viewer, user_id: str) -> None:
        """Moderators may act on members; only administrators may act on moderators and administrators."""
        if not moderator.is_administrator and is_staff(self._staff.groups_of(user_id)):
            raise Forbidden("Only administrators can do this to a staff account.")

    def _unreported(self, subject: CaseSubject) -> Case:
        evidence = self._subjects.evidence(None, subject)
        if evidence is None:
            raise NotFound(f"{subject.kind.noun.capitalize()} not found.")
        return Case(subject, evidence.owner_id, open=False, content=evidence.content)

    def appeal(self, user_id: str, subject: CaseSubject, text: str) -> None:
        """Appeal against a measure, once for each.

        Raises:
            NotFound: there is none in force against this person.
            Conflict: they did so before.
        """
        said = checked_appeal(text)
        case = self._cases.case(subject)
        if case is None or case.owner_id != user_id or case.measure is Measure.NONE:
            raise NotFound("There is no measure against you to appeal.")
        if not self._cases.appeal(case, said):
            raise Conflict("You have appealed against this already.")


def require_moderator(viewer: Viewer) -> None:
    """Raises: Forbidden. By the groups of the token, which the gateway has checked."""
    if not viewer.is_moderator:
        raise Forbidden("Only moderators may do this.")
