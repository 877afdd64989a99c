"""Queries about reports and decisions: the queue and the log for moderators, one's own decisions for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from fastapi.responses import JSONResponse

from services.common.cursors import decode
from services.common.errors import NotFound
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.ids import is_id
from services.common.resources import Author, PageResource
from services.common.signed_urls import granted
from services.moderation.public import (
    Case,
    CaseDetail,
    CaseResource,
    CaseSubject,
    Decisions,
    LogEntry,
    LogEntryResource,
    ModerationRepository,
    SubjectKind,
    require_moderator,
)
from services.profiles.public import Profile, ProfileRepository, unknown_author

Json = dict[str, Any]
SubjectId = Annotated[str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,99}$")]
_SHOWN = 50


class ModerationQueries:
    """Cases with the people in them."""

    def __init__(self, cases: ModerationRepository, profiles: ProfileRepository) -> None:
        self.cases = cases
        self._profiles = profiles

    def shown(self, cases: Iterable[Case]) -> list[Json]:
        listed = list(cases)
        people = self._profiles.authors({one.owner_id for one in listed})
        return [self._case(one, people) for one in listed]

    def detail(self, subject: CaseSubject) -> Json:
        """Raises: NotFound."""
        case = self.cases.case(subject)
        if case is None:
            raise NotFound("There is no such case.")
        reports, log = self.cases.history(subject, _SHOWN)
        people = self._profiles.authors({case.owner_id, *(one.reporter_id for one in reports)})
        listed = []
        for report in reports:
            told = report.to_json()
            told["reporter"] = _author(people, told.pop("reporterId"))
            listed.append(told)
        return {**self._case(case, people), "reportList": listed, "log": self.entries(log)}

    def entries(self, log: Iterable[LogEntry]) -> list[Json]:
        listed = list(log)
        people = self._profiles.authors({one.moderator_id for one in listed})
        shown = []
        for entry in listed:
            told = entry.to_json()
            told["moderator"] = _author(people, told.pop("moderatorId"))
            shown.append(told)
        return shown

    def about(self, user_id: str) -> list[Json]:
        """Decisions about someone, for themselves: measures in force and those that were lifted."""
        decided = (one for one in self.cases.about(user_id, _SHOWN) if one.decided_at)
        shown = []
        for case in decided:
            found = case.to_json()
            kept = ("kind", "subjectId", "measure", "reason", "comment", "decidedAt", "appeal")
            shown.append({**{key: found[key] for key in kept}, "content": granted(dict(case.content))})
        return shown

    def _case(self, case: Case, people: dict[str, Profile]) -> Json:
        owner = people.get(case.owner_id)
        return {
            **case.to_json(),
            "owner": _author(people, case.owner_id),
            "ownerSuspended": owner.suspended if owner else None,
            # What was shown there: moderators judge pictures by seeing them.
            "content": granted(dict(case.content)),
        }


def _author(people: dict[str, Profile], user_id: str) -> Author:
    return people[user_id].author() if user_id in people else unknown_author(user_id)


def moderation_router(queries: ModerationQueries) -> Router:
    """``/v1/moderation`` for moderators (403 for others) and ``/v1/me/decisions``."""
    router = Router(prefix="/v1", tags=["moderation"])

    @router.get(
        "/moderation/cases",
        summary="Cases that wait, or that were decided (moderators)",
        response_model=PageResource[CaseResource],
    )
    async def cases(
        viewer: CurrentViewer,
        state: Literal["open", "closed"] = "open",
        limit: Limit = 20,
        cursor: CursorText = None,
    ) -> Response:
        require_moderator(viewer)
        page = queries.cases.queue(state == "open", decode(cursor, f"cases-{state}", is_id), limit)
        return JSONResponse({"items": queries.shown(page.items), "older": page.older, "newer": page.newer})

    @router.get(
        "/moderation/cases/{kind}/{subject_id}",
        summary="A case with its reports (moderators)",
        response_model=CaseDetail,
    )
    async def case(kind: SubjectKind, subject_id: SubjectId, viewer: CurrentViewer) -> Response:
        require_moderator(viewer)
        return JSONResponse(queries.detail(CaseSubject(kind, subject_id)))

    @router.get(
        "/moderation/log", summary="Who decided what (moderators)", response_model=PageResource[LogEntryResource]
    )
    async def log(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        require_moderator(viewer)
        page = queries.cases.log(decode(cursor, "audit", is_id), limit)
        return JSONResponse({"items": queries.entries(page.items), "older": page.older, "newer": page.newer})

    @router.get("/me/decisions", summary="What moderators decided about oneself", response_model=Decisions)
    async def decisions(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": queries.about(viewer.user_id)})

    return router
