"""What calls answer with, over HTTP and in frames."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from services.calls.model import Call, CallMedia, EndReason
from services.calls.room_resources import GroupCallResource
from services.calls.states import CallState
from services.common.resources import Author


class CallResource(TypedDict):
    """``epoch`` counts negotiations; ``callerSession`` and ``calleeSession`` are the sessions of the pages that take
    part; ``away`` lists parties (user ids) whose page has been gone for less than 20 seconds."""

    id: str
    callerId: str
    calleeId: str
    media: CallMedia
    state: CallState
    createdAt: str
    answeredAt: str | None
    endedAt: str | None
    reason: EndReason | None
    epoch: int
    callerSession: str | None
    calleeSession: str | None
    away: list[str]


class CallAndOther(TypedDict):
    """A call, and the person on the other side."""

    call: CallResource
    other: Author


class CurrentCall(TypedDict):
    """The reader's ringing or running call, or ``null``."""

    current: CallAndOther | None


class ListedCall(TypedDict):
    """A call between two people (``call`` and ``other``) or a group call (``group``); the other fields are ``null``."""

    call: CallResource | None
    other: Author | None
    group: GroupCallResource | None


class CallPage(TypedDict):
    """Calls, the latest first. ``older`` and ``newer`` are cursors."""

    items: list[ListedCall]
    older: str | None
    newer: str | None


class IceServer(TypedDict):
    """``RTCIceServer``."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


class IceServers(TypedDict):
    """``expiresAt``: until when the credentials can open new relays (RFC 3339); ``null`` if none expire."""

    iceServers: list[IceServer]
    expiresAt: str | None


class CallEvent(TypedDict):
    """A call has changed its state, or a party takes part on another device or on none. Also the response to each
    action that changes a call."""

    call: CallResource


class Offer(TypedDict):
    """``RTCSessionDescriptionInit`` of an offer."""

    type: Literal["offer"]
    sdp: str


class RingingEvent(CallEvent):
    """A call rings. ``caller`` and ``offer`` (of the call's epoch, where the caller sent one) are in the frame that the
    callee's open pages get at once. A page that opens later requests the caller, and gets an offer after it accepts."""

    caller: NotRequired[Author]
    offer: NotRequired[Offer]


def to_resource(call: Call) -> CallResource:
    return {
        "id": call.id,
        "callerId": call.caller_id,
        "calleeId": call.callee_id,
        "media": call.media,
        "state": call.state,
        "createdAt": call.created_at,
        "answeredAt": call.answered_at,
        "endedAt": call.ended_at,
        "reason": call.reason,
        "epoch": call.epoch,
        "callerSession": call.caller.session,
        "calleeSession": call.callee.session,
        "away": call.away(),
    }
