"""Effects of a change of a group call: frames for the members of the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.calls.model import RING_TIME
from services.calls.room_resources import RoomEvent, room_resource
from services.calls.rooms import Place, Room
from services.common.clock import from_text, to_text
from services.common.events import DomainEvent, RoomRinging, RoomRingingEnded
from services.common.ids import derived_id, new_id
from services.common.outbox import Outgoing, frame


def begins(before: Room | None, room: Room) -> bool:
    return before is None or before.id != room.id


def frames_of(before: Room | None, room: Room) -> list[Outgoing]:
    """The frame for everybody in the conversation, so that each of their pages can join; heartbeats send none."""
    is_new = begins(before, room)
    if before is not None and not is_new and _shown(before) == _shown(room):
        return []
    if not is_new:
        return [_outgoing(room, room.audience, rings=False)]
    loud = room.rung()
    others = [one for one in room.audience if one not in loud]
    return [_outgoing(room, users, rings=users is loud) for users in (loud, others) if users]


def domain_events_of(before: Room | None, room: Room) -> list[DomainEvent]:
    """Events for members without an open page: a new call rings on their devices until they join or it is over."""
    if before is not None and not begins(before, room):
        return _ringing_ended(room, _no_longer_rung(before, room))
    # A former call that had lapsed may not be stored as ended.
    lapsed = _ringing_ended(before, before.rung()) if before is not None and before.ended_at is None else []
    return [*lapsed, *_ringing(room)]


def _no_longer_rung(before: Room, room: Room) -> tuple[str, ...]:
    if room.ended_at is not None:
        return () if before.ended_at is not None else before.rung()
    was_in = {place.user_id for place in before.places}
    joined = {place.user_id for place in room.places} - was_in
    return tuple(one for one in before.rung() if one in joined or one not in room.audience)


def _ringing(room: Room) -> list[DomainEvent]:
    ringing = RoomRinging(
        cause=room.id,
        actor=room.started_by,
        at=room.created_at,
        room_id=room.id,
        conversation_id=room.conversation_id,
        title=room.title,
        media=room.media,
        recipient_ids=room.rung(),
        until=to_text(from_text(room.created_at) + RING_TIME),
    )
    return [ringing] if ringing.recipient_ids else []


def _ringing_ended(room: Room, users: tuple[str, ...]) -> list[DomainEvent]:
    cause = f"{room.id}#{room.revision}"
    ended = RoomRingingEnded(cause=cause, actor=room.started_by, room_id=room.id, user_ids=users)
    return [ended] if users else []


def _shown(room: Room) -> tuple[object, ...]:
    """Whether the change is sent. A page's new connection is, because frames to the old one have to be sent again."""
    return (
        room.ended_at,
        room.path,
        *((one.user_id, one.device, one.session, one.muted, one.sends) for one in room.places),
    )


def _outgoing(room: Room, users: Sequence[str], *, rings: bool) -> Outgoing:
    data: RoomEvent = {"room": room_resource(room), "rings": rings}
    event_id = derived_id("room.updated", room.id, str(room.revision), str(rings))
    return Outgoing(room.conversation_id, users, frame("room.updated", event_id, data))


def room_signal_frame(room: Room, sender: Place, payload: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "conversationId": room.conversation_id,
        "roomId": room.id,
        "from": sender.user_id,
        "fromSession": sender.session,
        "fromJoinedAt": sender.joined_at,
    }
    return frame("room.signal", new_id(), {**told, **payload})
