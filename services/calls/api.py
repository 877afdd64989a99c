"""HTTP and socket routes of calls. Reading is the Query function's: ``services/query/calls.py``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import Field, model_validator

from services.calls import model
from services.calls.commands import CallCommands
from services.calls.model import CallAction
from services.calls.resources import CallEvent, CallResource, to_resource
from services.common.http import Body, CurrentViewer, Router
from services.common.sockets import SocketActions, SocketRequest


class StartCall(Body):
    """Ring somebody."""

    callee_id: Annotated[str, Field(max_length=64)]
    media: Literal["audio", "video"]


class CallAccept(Body):
    """Answer; the first device of the callee wins."""

    call_id: Annotated[str, Field(max_length=64)]


class CallDecline(CallAccept):
    """Don't answer."""


class CallHangup(CallAccept):
    """End a call in any state; doing it twice changes nothing. With ``leaving`` the other side is told that this one
    left, as by ``leave`` over HTTP."""

    leaving: bool = False


class CallHere(CallAccept):
    """This device takes part in the call from now on: after a reconnect, and after starting or accepting over HTTP."""


class Description(Body):
    """``RTCSessionDescriptionInit``."""

    type: Literal["offer", "answer", "pranswer", "rollback"]
    sdp: Annotated[str, Field(max_length=model.SIGNAL_BYTES_LIMIT)] = ""


class Candidate(Body):
    """``RTCIceCandidateInit``."""

    candidate: Annotated[str, Field(max_length=2048)] = ""
    sdp_mid: Annotated[str | None, Field(max_length=64)] = None
    sdp_m_line_index: Annotated[int | None, Field(ge=0, le=65535)] = None
    username_fragment: Annotated[str | None, Field(max_length=256)] = None


class CallSignal(CallAccept):
    """A session description or an ICE candidate for the other side; a null candidate is the end of candidates."""

    description: Description | None = None
    candidate: Candidate | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> CallSignal:
        given = {"description", "candidate"} & self.model_fields_set
        if len(given) != 1 or (self.description is None and "description" in given):
            raise ValueError("expected either 'description' or 'candidate'")
        return self

    def payload(self) -> dict[str, Any]:
        """What is relayed, as it came."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude={"call_id"})


class CallSignalEvent(CallSignal):
    """From the other side of a call: a session description or a candidate."""

    sender: str = Field(alias="from")


def build_router(commands: CallCommands) -> Router:
    """``/v1/calls``."""
    router = Router(prefix="/v1/calls", tags=["calls"])

    @router.post("", status_code=201, summary="Call somebody", response_model=CallResource)
    async def start(viewer: CurrentViewer, body: StartCall) -> Response:
        call = commands.start(viewer.user_id, body.callee_id, body.media)
        return JSONResponse(to_resource(call), status_code=201)

    @router.post(
        "/{call_id}/{action}",
        summary="Accept, decline, hang up or leave",
        description="`leave` is for a page that goes away: as `hangup`, but the other side is told that this one left.",
        response_model=CallResource,
    )
    async def act(
        viewer: CurrentViewer, call_id: str, action: Literal["accept", "decline", "hangup", "leave"]
    ) -> Response:
        return JSONResponse(to_resource(commands.act(viewer.user_id, call_id, CallAction(action))))

    return router


def build_actions(commands: CallCommands) -> SocketActions:
    """``call.*``."""
    actions = SocketActions()

    def start(request: SocketRequest, data: StartCall) -> CallEvent:
        call = commands.start(request.viewer.user_id, data.callee_id, data.media, request.device)
        return {"call": to_resource(call)}

    def accept(request: SocketRequest, data: CallAccept) -> CallEvent:
        call = commands.act(request.viewer.user_id, data.call_id, CallAction.ACCEPT, request.device)
        return {"call": to_resource(call)}

    def decline(request: SocketRequest, data: CallDecline) -> CallEvent:
        return {"call": to_resource(commands.act(request.viewer.user_id, data.call_id, CallAction.DECLINE))}

    def hang_up(request: SocketRequest, data: CallHangup) -> CallEvent:
        action = CallAction.LEAVE if data.leaving else CallAction.HANGUP
        return {"call": to_resource(commands.act(request.viewer.user_id, data.call_id, action))}

    def here(request: SocketRequest, data: CallHere) -> CallEvent:
        return {"call": to_resource(commands.here(request.viewer.user_id, data.call_id, request.device))}

    def signal(request: SocketRequest, data: CallSignal) -> None:
        commands.signal(request.viewer.user_id, data.call_id, data.payload())

    actions.on("call.start", StartCall, start)
    actions.on("call.accept", CallAccept, accept)
    actions.on("call.decline", CallDecline, decline)
    actions.on("call.hangup", CallHangup, hang_up)
    actions.on("call.here", CallHere, here)
    actions.on("call.signal", CallSignal, signal)
    return actions
