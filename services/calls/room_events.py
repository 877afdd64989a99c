"""What follows from a change of a group call: frames for the members of the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.calls.room_resources import RoomEvent, room_resource
from services.calls.rooms import Room
from services.common.ids import derived_id, new_id
from services.common.outbox import Outgoing, frame


def begins(before: Room | None, room: Room) -> bool:
    return before is None or before.id != room.id


def frames_of(before: Room | None, room: Room) -> list[Outgoing]:
    """To everybody in the conversation, so that each of their pages can join; signs of life are told to nobody."""
    is_new = begins(before, room)
    if before is not None and not is_new and _shown(before) == _shown(room):
        return []
    if not is_new:
        return [_outgoing(room, room.audience, rings=False)]
    loud = [one for one in room.audience if one not in (*room.quiet, room.started_by)]
    others = [one for one in room.audience if one not in loud]
    return [_outgoing(room, users, rings=users is loud) for users in (loud, others) if users]


def _shown(room: Room) -> tuple[object, ...]:
    """A page with a new connection is told of: what was sent to the old one is to be sent again."""
    return (
        room.ended_at,
        room.path,
        *((one.user_id, one.device, one.session, one.muted, one.sends) for one in room.places),
    )


def _outgoing(room: Room, users: Sequence[str], *, rings: bool) -> Outgoing:
    data: RoomEvent = {"room": room_resource(room), "rings": rings}
    event_id = derived_id("room.updated", room.id, str(room.revision), str(rings))
    return Outgoing(room.conversation_id, users, frame("room.updated", event_id, data))


def room_signal_frame(room: Room, sender: str, session: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    told = {"conversationId": room.conversation_id, "roomId": room.id, "from": sender, "fromSession": session}
    return frame("room.signal", new_id(), {**told, **payload})
