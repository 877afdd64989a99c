"""What calls answer with, over HTTP and in frames."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from services.calls.model import Call, CallMedia, CallState, EndReason


class CallResource(TypedDict):
    id: str
    callerId: str
    calleeId: str
    media: CallMedia
    state: CallState
    createdAt: str
    endedAt: str | None
    reason: EndReason | None


class IceServer(TypedDict):
    """``RTCIceServer``."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


class IceServers(TypedDict):
    iceServers: list[IceServer]


class CallEvent(TypedDict):
    """A call has changed its state. Also the answer to each action that changes one."""

    call: CallResource


def to_resource(call: Call) -> CallResource:
    return {
        "id": call.id,
        "callerId": call.caller_id,
        "calleeId": call.callee_id,
        "media": call.media,
        "state": call.state,
        "createdAt": call.created_at,
        "endedAt": call.ended_at,
        "reason": call.reason,
    }
