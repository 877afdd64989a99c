"""HTTP and socket routes of calls. Reading is the Query function's: ``services/query/calls.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field, model_validator

from services.calls import model
from services.calls.commands import CallCommands
from services.calls.model import Call, DevicePage
from services.calls.quality import QualityReports
from services.calls.queries import CallQueries
from services.calls.resources import CallEvent, CallResource, CurrentCall, Offer, to_resource
from services.calls.states import CallAction
from services.common.http import Body, CurrentViewer, Router
from services.common.responses import JSONResponse
from services.common.sockets import SocketActions, SocketRequest

#: A page's name for itself, the same over all its connections: each load may make another.
Session = Annotated[str | None, Field(min_length=8, max_length=64, pattern="^[A-Za-z0-9_-]+$")]

_Milliseconds = Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)]
_Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class StartCall(Body):
    """Ring somebody; or rejoin the call that the two of you are already in."""

    callee_id: Annotated[str, Field(max_length=64)]
    media: Literal["audio", "video"]
    session: Session = None


class CallOffer(Body):
    """``RTCSessionDescriptionInit`` of an offer."""

    type: Literal["offer"]
    sdp: Annotated[str, Field(max_length=model.SIGNAL_BYTES_LIMIT)]


class CallAnswer(Body):
    """``RTCSessionDescriptionInit`` of an answer."""

    type: Literal["answer"]
    sdp: Annotated[str, Field(max_length=model.SIGNAL_BYTES_LIMIT)]


class CallStart(StartCall):
    """Ring somebody over this connection; or rejoin over it the call that the two of you are already in. With an
    offer as ``description`` each device that begins to ring gets it in ``call.ringing``."""

    description: CallOffer | None = None

    def offer(self) -> Offer | None:
        """What is relayed, as it came."""
        return {"type": self.description.type, "sdp": self.description.sdp} if self.description else None


class CallAct(Body):
    """The page that acts. With ``session`` the page must send ``call.here`` every few seconds; after 20 seconds without
    it the party has left."""

    session: Session = None


class CallCurrent(Body):
    """The person's ringing or running call; a page sends this at each connect. The response: ``GET
    /v1/calls/current``."""


class OfCall(CallAct):
    """Of one call."""

    call_id: Annotated[str, Field(max_length=64)]


class CallDecline(OfCall):
    """Decline the call, on all devices."""


class CallHangup(OfCall):
    """End a call in any state; idempotent."""


class CallLeave(OfCall):
    """This page closes; the party has 20 seconds to come back."""


class CallHere(OfCall):
    """This page takes part in the call: after starting or accepting over HTTP, after each reconnect, and every few
    seconds as a heartbeat. ``takeOver``: even if another page of the same person takes part; it begins a new
    negotiation."""

    take_over: bool = False


class Description(Body):
    """``RTCSessionDescriptionInit``. ``serial``: which of its side's offers this is or, in an answer, of the other
    side's; an offer that was sent twice may be answered twice, the second time when the next one is out."""

    type: Literal["offer", "answer", "pranswer", "rollback"]
    sdp: Annotated[str, Field(max_length=model.SIGNAL_BYTES_LIMIT)] = ""
    serial: Annotated[int | None, Field(ge=0)] = None


class Candidate(Body):
    """``RTCIceCandidateInit``."""

    candidate: Annotated[str, Field(max_length=2048)] = ""
    sdp_mid: Annotated[str | None, Field(max_length=64)] = None
    sdp_m_line_index: Annotated[int | None, Field(ge=0, le=65535)] = None
    username_fragment: Annotated[str | None, Field(max_length=256)] = None


class CallAccept(OfCall):
    """Answer the call; the callee's first device to answer wins. With an answer to the offer that came while it rang,
    the caller's device gets that as a ``call.signal`` before ``call.accepted``; an answer of another ``epoch`` than the
    call's is dropped."""

    epoch: Annotated[int, Field(ge=1)] = 1
    description: CallAnswer | None = None

    def answer(self) -> dict[str, Any] | None:
        """What is relayed, as it came."""
        if self.description is None:
            return None
        return {"epoch": self.epoch, "description": self.description.model_dump(by_alias=True)}


class CallSignal(OfCall):
    """A session description, ICE candidates, or both, for the other side's device; a null candidate marks the end of
    candidates. ``epoch`` is the call's. The ack has ``{"delivered": boolean}``."""

    epoch: Annotated[int, Field(ge=1)] = 1
    description: Description | None = None
    candidate: Candidate | None = None
    candidates: Annotated[list[Candidate], Field(max_length=model.CANDIDATES_LIMIT)] | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> CallSignal:
        given = {"description", "candidate", "candidates"} & self.model_fields_set
        if not given or {"candidate", "description"} <= given or {"candidate", "candidates"} <= given:
            raise ValueError("expected 'candidate', or 'description', 'candidates' or both")
        if ("description" in given and self.description is None) or ("candidates" in given and not self.candidates):
            raise ValueError("expected 'description' and 'candidates' to hold something where they are given")
        return self

    def payload(self) -> dict[str, Any]:
        """What is relayed, as it came."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude={"call_id", "session", "epoch"})


class CallSignalEvent(Body):
    """From the other side of a call: a session description, candidates, or both."""

    call_id: str
    sender: str = Field(alias="from")
    epoch: int
    description: Description | None = None
    candidate: Candidate | None = None
    candidates: list[Candidate] | None = None


class CallQuality(Body):
    """What a page saw of the call since its last report (W3C webrtc-stats), one sample every two seconds.
    ``roundTrips``: ``currentRoundTripTime`` in milliseconds; ``losses``: ``fractionLost`` in percent."""

    path: model.CallPath
    round_trips: Annotated[tuple[_Milliseconds, ...], Field(max_length=model.SAMPLES_LIMIT)] = ()
    losses: Annotated[tuple[_Percent, ...], Field(max_length=model.SAMPLES_LIMIT)] = ()

    @model_validator(mode="after")
    def _one_at_least(self) -> CallQuality:
        if not self.round_trips and not self.losses:
            raise ValueError("expected at least one sample in 'roundTrips' or 'losses'")
        return self

    def quality(self) -> model.Quality:
        return model.Quality(self.path, self.round_trips, self.losses)


def build_router(commands: CallCommands, reports: QualityReports) -> Router:
    """``/v1/calls``."""
    router = Router(prefix="/v1/calls", tags=["calls"])

    @router.post("", status_code=201, summary="Start a call", response_model=CallResource)
    async def start(viewer: CurrentViewer, body: StartCall) -> Response:
        call = commands.start(viewer.user_id, body.callee_id, body.media, DevicePage(session=body.session))
        return JSONResponse(to_resource(call), status_code=201)

    @router.post(
        "/{call_id}/quality",
        status_code=204,
        summary="Report how a call goes",
        description="Makes metrics by `media` and `path`; nothing is stored. Taken until a minute after the end.",
    )
    async def report(viewer: CurrentViewer, call_id: str, body: CallQuality) -> Response:
        reports.of_call(viewer.user_id, call_id, body.quality())
        return Response(status_code=204)

    @router.post(
        "/groups/{conversation_id}/quality",
        status_code=204,
        summary="Report how a group call goes",
        description="Of one connection to another page. Makes metrics by `media` and `path`; nothing is stored. Taken "
        "until a minute after the end.",
    )
    async def report_group(viewer: CurrentViewer, conversation_id: str, body: CallQuality) -> Response:
        reports.of_group_call(viewer.user_id, conversation_id, body.quality())
        return Response(status_code=204)

    @router.post(
        "/{call_id}/{action}",
        summary="Accept, decline, hang up or leave",
        description="`leave` is for a page that goes away (`pagehide`, `keepalive`): the party has 20 seconds to come "
        "back. The body may be left out.",
        response_model=CallResource,
    )
    async def act(
        viewer: CurrentViewer,
        call_id: str,
        action: Literal["accept", "decline", "hangup", "leave"],
        body: CallAct | None = None,
    ) -> Response:
        page = DevicePage(session=body.session if body else None)
        if action == "leave":
            return JSONResponse(to_resource(commands.leave(viewer.user_id, call_id, page)))
        return JSONResponse(to_resource(commands.act(viewer.user_id, call_id, CallAction(action), page)))

    return router


def build_actions(commands: CallCommands, queries: CallQueries) -> SocketActions:
    """``call.*``."""
    actions = SocketActions()

    def current(request: SocketRequest, _: CallCurrent) -> CurrentCall:
        return queries.current(request.viewer.user_id)

    def start(request: SocketRequest, data: CallStart) -> CallEvent:
        user, page = request.viewer.user_id, _page(request, data)
        return _event(commands.start(user, data.callee_id, data.media, page, data.offer()))

    def accept(request: SocketRequest, data: CallAccept) -> CallEvent:
        user, page = request.viewer.user_id, _page(request, data)
        return _event(commands.act(user, data.call_id, CallAction.ACCEPT, page, data.answer()))

    def here(request: SocketRequest, data: CallHere) -> CallEvent:
        page = _page(request, data)
        return _event(commands.here(request.viewer.user_id, data.call_id, page, take_over=data.take_over))

    def leave(request: SocketRequest, data: CallLeave) -> CallEvent:
        return _event(commands.leave(request.viewer.user_id, data.call_id, _page(request, data)))

    def signal(request: SocketRequest, data: CallSignal) -> dict[str, bool]:
        page = _page(request, data)
        sent = commands.signal(request.viewer.user_id, data.call_id, page, data.epoch, data.payload())
        return {"delivered": sent}

    actions.on("call.current", CallCurrent, current)
    actions.on("call.start", CallStart, start)
    actions.on("call.accept", CallAccept, accept)
    actions.on("call.decline", CallDecline, _acting(commands, CallAction.DECLINE))
    actions.on("call.hangup", CallHangup, _acting(commands, CallAction.HANGUP))
    actions.on("call.here", CallHere, here)
    actions.on("call.leave", CallLeave, leave)
    actions.on("call.signal", CallSignal, signal)
    return actions


def _acting(commands: CallCommands, action: CallAction) -> Callable[[SocketRequest, OfCall], CallEvent]:
    def act(request: SocketRequest, data: OfCall) -> CallEvent:
        return _event(commands.act(request.viewer.user_id, data.call_id, action, _page(request, data)))

    return act


def _page(request: SocketRequest, data: CallAct | StartCall) -> DevicePage:
    return DevicePage(request.device, data.session)


def _event(call: Call) -> CallEvent:
    return {"call": to_resource(call)}
