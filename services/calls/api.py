"""HTTP and socket routes of calls."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from services.calls import model
from services.calls.commands import Calls
from services.calls.model import Action
from services.calls.repository import CallRepository
from services.common.http import Body, CurrentViewer, Router
from services.common.people import Directory
from services.common.sockets import SocketActions, SocketRequest
from services.realtime.public import transport

router = Router(prefix="/v1/calls", tags=["calls"])
actions = SocketActions()
_repository, _people = CallRepository(), Directory()


def commands() -> Calls:
    return Calls(_repository, transport(), _people)


class StartCall(Body):
    """Ring somebody."""

    callee_id: Annotated[str, Field(max_length=64)]
    media: Literal["audio", "video"]


@router.post("", status_code=201, summary="Call somebody")
async def start(viewer: CurrentViewer, body: StartCall) -> dict[str, Any]:
    return commands().start(viewer.user_id, body.callee_id, body.media).to_wire()


@router.post(
    "/{call_id}/{action}",
    summary="Accept, decline, hang up or leave",
    description="`leave` is for a page that goes away: as `hangup`, but the other side is told that this one left.",
)
async def act(
    viewer: CurrentViewer, call_id: str, action: Literal["accept", "decline", "hangup", "leave"]
) -> dict[str, Any]:
    return commands().act(viewer.user_id, call_id, Action(action)).to_wire()


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


def _on_start(request: SocketRequest, data: StartCall) -> dict[str, Any]:
    call = commands().start(request.viewer.user_id, data.callee_id, data.media, request.device)
    return {"call": call.to_wire()}


def _on_accept(request: SocketRequest, data: CallAccept) -> dict[str, Any]:
    call = commands().act(request.viewer.user_id, data.call_id, Action.ACCEPT, request.device)
    return {"call": call.to_wire()}


def _on_decline(request: SocketRequest, data: CallDecline) -> dict[str, Any]:
    return {"call": commands().act(request.viewer.user_id, data.call_id, Action.DECLINE).to_wire()}


def _on_hangup(request: SocketRequest, data: CallHangup) -> dict[str, Any]:
    action = Action.LEAVE if data.leaving else Action.HANGUP
    return {"call": commands().act(request.viewer.user_id, data.call_id, action).to_wire()}


def _on_here(request: SocketRequest, data: CallHere) -> dict[str, Any]:
    return {"call": commands().here(request.viewer.user_id, data.call_id, request.device).to_wire()}


def _on_signal(request: SocketRequest, data: CallSignal) -> None:
    commands().signal(request.viewer.user_id, data.call_id, data.payload())


actions.on("call.start", StartCall, _on_start)
actions.on("call.accept", CallAccept, _on_accept)
actions.on("call.decline", CallDecline, _on_decline)
actions.on("call.hangup", CallHangup, _on_hangup)
actions.on("call.here", CallHere, _on_here)
actions.on("call.signal", CallSignal, _on_signal)
