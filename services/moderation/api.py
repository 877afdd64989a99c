"""HTTP commands of moderation: ``/v1/reports``, ``/v1/appeals`` and ``/v1/moderation``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from services.accounts.public import SigningOut
from services.common.http import Body, CurrentViewer, Router
from services.common.responses import JSONResponse
from services.moderation.commands import ModerationCommands
from services.moderation.model import APPEAL_LIMIT, COMMENT_LIMIT, CaseSubject, Decision, ModerationReason, SubjectKind
from services.moderation.resources import MeasureInForce, Reported

SUBJECT_ID = r"^[0-9A-Za-z][0-9A-Za-z.-]{0,99}$"
SubjectId = Annotated[str, Path(pattern=SUBJECT_ID, description="Of a message: `<conversation>.<seq>`.")]


class ReportSubject(Body):
    """One report per person and subject; a second one changes nothing."""

    kind: SubjectKind
    subject_id: str = Field(pattern=SUBJECT_ID)
    reason: ModerationReason
    comment: str = Field(default="", max_length=COMMENT_LIMIT * 32)


class DecideCase(Body):
    decision: Decision
    reason: ModerationReason
    comment: str = Field(default="", max_length=COMMENT_LIMIT * 32)


class AppealMeasure(Body):
    kind: SubjectKind
    subject_id: str = Field(pattern=SUBJECT_ID)
    text: str = Field(max_length=APPEAL_LIMIT * 32)


def build_router(commands: ModerationCommands) -> Router:
    """The routes of the moderation function."""
    router = Router(prefix="/v1", tags=["moderation"])

    @router.post(
        "/reports",
        status_code=201,
        summary="Report a post, a person, a message or a broadcast",
        response_model=Reported,
    )
    async def report(body: ReportSubject, viewer: CurrentViewer) -> Response:
        new = commands.report(viewer.user_id, CaseSubject(body.kind, body.subject_id), body.reason, body.comment)
        return JSONResponse({"reported": True, "again": not new}, status_code=201)

    @router.post(
        "/moderation/cases/{kind}/{subject_id}/decisions",
        summary="Decide on a case (moderators)",
        response_model=MeasureInForce,
    )
    async def decide(kind: SubjectKind, subject_id: SubjectId, body: DecideCase, viewer: CurrentViewer) -> Response:
        subject = CaseSubject(kind, subject_id)
        _, measure = commands.decide(viewer, subject, body.decision, body.reason, body.comment)
        return JSONResponse({"kind": kind.value, "subjectId": subject_id, "measure": measure.value})

    @router.post(
        "/moderation/people/{user_id}/sign-out",
        status_code=202,
        summary="Sign somebody out on all devices (moderators)",
        response_model=SigningOut,
    )
    async def sign_out(user_id: SubjectId, viewer: CurrentViewer) -> Response:
        commands.sign_out(viewer, user_id)
        return JSONResponse({"state": "signing-out"}, status_code=202)

    @router.post("/appeals", status_code=204, summary="Appeal against a decision about you")
    async def appeal(body: AppealMeasure, viewer: CurrentViewer) -> Response:
        commands.appeal(viewer.user_id, CaseSubject(body.kind, body.subject_id), body.text)
        return Response(status_code=204)

    return router
