"""Socket actions of group calls."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from services.calls import model
from services.calls.api import Candidate, Description
from services.calls.model import DevicePage
from services.calls.room_commands import RoomCommands
from services.calls.room_resources import MediaTicket, RoomAnswer, room_resource
from services.calls.rooms import Room, RoomLine
from services.common.http import Body
from services.common.sockets import SocketActions, SocketRequest

_Id = Annotated[str, Field(max_length=64)]
_Session = Annotated[str, Field(min_length=8, max_length=64, pattern="^[A-Za-z0-9_-]+$")]


class RoomRead(Body):
    """The running group call of a conversation."""

    conversation_id: _Id


class RoomLeave(RoomRead):
    """This page leaves the group call; the call continues for the others."""

    session: _Session


class RoomHere(RoomLeave):
    """A heartbeat, every few seconds and after each reconnect: after 20 seconds without one the page has left.
    ``muted`` says whether the sender's own microphone is off, ``sends`` which tracks the page sends."""

    muted: bool = False
    sends: Annotated[tuple[RoomLine, ...], Field(max_length=4)] = ()


class RoomJoin(RoomLeave):
    """Join the group call of a conversation with this page, or start one if none is running. ``takeOver``: in place of
    another page of the same person."""

    media: Literal["audio", "video"] = "audio"
    take_over: bool = False


class RoomSignal(RoomLeave):
    """A session description, ICE candidates, or both, for the page ``toSession`` of ``to``, which joined at
    ``toJoinedAt``. The ack has ``{"delivered": boolean}``."""

    to: _Id
    to_session: _Session
    to_joined_at: Annotated[str, Field(max_length=40)] | None = None
    description: Description | None = None
    candidates: Annotated[list[Candidate], Field(max_length=model.CANDIDATES_LIMIT)] | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> RoomSignal:
        if self.description is None and not self.candidates:
            raise ValueError("expected 'description', 'candidates' or both")
        return self

    def payload(self) -> dict[str, Any]:
        """What is relayed, as it came."""
        return self.model_dump(by_alias=True, exclude_none=True, include={"description", "candidates"})


class RoomSignalEvent(Body):
    """From another page in the group call: a session description, candidates, or both. ``fromJoinedAt``: a page that
    left and came back may be heard before the ``room.updated`` that tells of it."""

    conversation_id: str
    room_id: str
    sender: str = Field(alias="from")
    from_session: str
    from_joined_at: str
    description: Description | None = None
    candidates: list[Candidate] | None = None


def build_room_actions(commands: RoomCommands) -> SocketActions:
    """``room.*``."""
    actions = SocketActions()

    def read(request: SocketRequest, data: RoomRead) -> RoomAnswer:
        return _answer(commands.read(request.viewer.user_id, data.conversation_id))

    def join(request: SocketRequest, data: RoomJoin) -> RoomAnswer:
        page = _page(request, data)
        user = request.viewer.user_id
        room = commands.join(user, data.conversation_id, data.media, page, take_over=data.take_over)
        return _answer(room, commands.ticket(user, room, page))

    def here(request: SocketRequest, data: RoomHere) -> RoomAnswer:
        user, page = request.viewer.user_id, _page(request, data)
        room = commands.here(user, data.conversation_id, page, muted=data.muted, sends=data.sends)
        return _answer(room, commands.ticket(user, room, page))

    def leave(request: SocketRequest, data: RoomLeave) -> RoomAnswer:
        return _answer(commands.leave(request.viewer.user_id, data.conversation_id, _page(request, data)))

    def signal(request: SocketRequest, data: RoomSignal) -> dict[str, bool]:
        to, page = (data.to, data.to_session), _page(request, data)
        user = request.viewer.user_id
        payload, joined_at = data.payload(), data.to_joined_at
        return {"delivered": commands.signal(user, data.conversation_id, page, to, payload, joined_at)}

    actions.on("room.read", RoomRead, read)
    actions.on("room.join", RoomJoin, join)
    actions.on("room.here", RoomHere, here)
    actions.on("room.leave", RoomLeave, leave)
    actions.on("room.signal", RoomSignal, signal)
    return actions


def _page(request: SocketRequest, data: RoomLeave) -> DevicePage:
    return DevicePage(request.device, data.session)


def _answer(room: Room | None, ticket: MediaTicket | None = None) -> RoomAnswer:
    return {"room": room_resource(room) if room is not None and room.ended_at is None else None, "ticket": ticket}
