"""Queries about reports and decisions: the queue and the log for moderators, and for everybody the decisions
about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import Path, Response

from services.common.cursors import Cursor, decode
from services.common.errors import NotFound
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.ids import is_id
from services.common.resources import Author, PageResource
from services.common.responses import JSONResponse
from services.moderation.public import (
    AuditEntryResource,
    AuditLog,
    Case,
    CaseDetail,
    CaseResource,
    CaseSubject,
    Decided,
    Decisions,
    LogEntry,
    LogEntryResource,
    ModerationRepository,
    SubjectKind,
    audit_entry_resource,
    case_resource,
    decided_resource,
    log_entry_resource,
    report_resource,
    require_moderator,
)
from services.profiles.public import Profile, ProfileRepository, unknown_author

SubjectId = Annotated[str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,99}$")]
_SHOWN = 50


class ModerationQueries:
    """Cases with the people in them."""

    def __init__(self, cases: ModerationRepository, audit: AuditLog, profiles: ProfileRepository) -> None:
        self._cases, self._audit, self._profiles = cases, audit, profiles

    def queue(self, is_open: bool, cursor: Cursor | None, limit: int) -> PageResource[CaseResource]:
        page = self._cases.queue(is_open, cursor, limit)
        people = self._profiles.authors({one.owner_id for one in page.items})
        items = [_case(one, people) for one in page.items]
        return {"items": items, "older": page.older, "newer": page.newer}

    def detail(self, subject: CaseSubject) -> CaseDetail:
        """Raises: NotFound."""
        case = self._cases.case(subject)
        if case is None:
            raise NotFound("Case not found.")
        reports, log = self._cases.history(subject, _SHOWN)
        people = self._profiles.authors({case.owner_id, *(one.reporter_id for one in reports)})
        listed = [report_resource(one, _author(people, one.reporter_id)) for one in reports]
        return {**_case(case, people), "reportList": listed, "log": self._entries(log)}

    def log(self, cursor: Cursor | None, limit: int) -> PageResource[AuditEntryResource]:
        page = self._audit.page(cursor, limit)
        people = self._profiles.authors({one.moderator_id for one in page.items})
        items = [audit_entry_resource(one, _author(people, one.moderator_id)) for one in page.items]
        return {"items": items, "older": page.older, "newer": page.newer}

    def _entries(self, log: Sequence[LogEntry]) -> list[LogEntryResource]:
        people = self._profiles.authors({one.moderator_id for one in log})
        return [log_entry_resource(one, _author(people, one.moderator_id)) for one in log]

    def about(self, user_id: str) -> list[Decided]:
        """Decisions about someone, for themselves: measures in force and those that were lifted."""
        return [decided_resource(one) for one in self._cases.about(user_id, _SHOWN) if one.decided_at]


def _case(case: Case, people: Mapping[str, Profile]) -> CaseResource:
    owner = people.get(case.owner_id)
    return case_resource(case, _author(people, case.owner_id), owner.suspended if owner else None)


def _author(people: Mapping[str, Profile], user_id: str) -> Author:
    return people[user_id].author() if user_id in people else unknown_author(user_id)


def moderation_router(queries: ModerationQueries) -> Router:
    """``/v1/moderation`` for moderators (403 for others) and ``/v1/me/decisions``."""
    router = Router(prefix="/v1", tags=["moderation"])

    @router.get(
        "/moderation/cases",
        summary="Open or decided cases (moderators)",
        response_model=PageResource[CaseResource],
    )
    async def cases(
        viewer: CurrentViewer,
        state: Literal["open", "closed"] = "open",
        limit: Limit = 20,
        cursor: CursorText = None,
    ) -> Response:
        require_moderator(viewer)
        where = decode(cursor, f"cases-{state}", is_id)
        return JSONResponse(queries.queue(state == "open", where, limit))

    @router.get(
        "/moderation/cases/{kind}/{subject_id}",
        summary="A case with its reports (moderators)",
        response_model=CaseDetail,
    )
    async def case(kind: SubjectKind, subject_id: SubjectId, viewer: CurrentViewer) -> Response:
        require_moderator(viewer)
        return JSONResponse(queries.detail(CaseSubject(kind, subject_id)))

    @router.get(
        "/moderation/log",
        summary="The log of what staff did (moderators)",
        response_model=PageResource[AuditEntryResource],
    )
    async def log(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        require_moderator(viewer)
        return JSONResponse(queries.log(decode(cursor, "audit", is_id), limit))

    @router.get("/me/decisions", summary="Decisions of moderators about you", response_model=Decisions)
    async def decisions(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": queries.about(viewer.user_id)})

    return router
