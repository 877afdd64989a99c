"""What group calls answer with, in answers and in frames."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from services.calls.model import CallMedia
from services.calls.rooms import GroupCall, Room, RoomLine, RoomPath
from services.common.clock import from_text
from services.common.people import Person, author_of
from services.common.resources import Author


class RoomMember(TypedDict):
    """``session`` is the page by which this person takes part; ``sends`` are the lines that it sends, where media go
    through a media server (in a mesh the session descriptions say it)."""

    userId: str
    session: str
    joinedAt: str
    muted: bool
    sends: list[RoomLine]


class RoomResource(TypedDict):
    """A group call. ``id`` is of this one: the next in the same conversation has another. ``limit``: how many may take
    part. ``path``: media go from browser to browser, or through a media server. Of two states of one call, the one
    with the greater ``revision`` holds."""

    id: str
    conversationId: str
    media: CallMedia
    startedBy: str
    createdAt: str
    endedAt: str | None
    limit: int
    path: RoomPath
    revision: int
    members: list[RoomMember]


class Attendee(TypedDict):
    """Somebody who was in a group call, and for how many seconds in all (in a running call: until now)."""

    person: Author
    seconds: int


class GroupCallResource(TypedDict):
    """A group call in the list of calls. ``title`` is the group's at that time; ``endedAt`` is ``null`` while it runs.
    ``attendees``: everybody who was in it, the longest attendance first."""

    id: str
    conversationId: str
    title: str | None
    media: CallMedia
    startedBy: Author
    createdAt: str
    endedAt: str | None
    attendees: list[Attendee]


class MediaTicket(TypedDict):
    """What lets this page publish and watch in this call: ``url`` of WHIP and WHEP, and a token for both."""

    url: str
    token: str
    expiresAt: str


class RoomAnswer(TypedDict):
    """The group call as it is now; ``null`` where none runs. ``ticket``: for a page that is in a call whose media go
    through a media server; ``null`` otherwise."""

    room: RoomResource | None
    ticket: MediaTicket | None


class RoomEvent(TypedDict):
    """Somebody joined or left, or changed the page or the microphone. ``rings``: the call has just begun, and the
    reader has not muted the conversation."""

    room: RoomResource
    rings: bool


def room_resource(room: Room) -> RoomResource:
    return {
        "id": room.id,
        "conversationId": room.conversation_id,
        "media": room.media,
        "startedBy": room.started_by,
        "createdAt": room.created_at,
        "endedAt": room.ended_at,
        "limit": room.limit,
        "path": room.path,
        "revision": room.revision,
        "members": [
            {
                "userId": one.user_id,
                "session": one.session,
                "joinedAt": one.joined_at,
                "muted": one.muted,
                "sends": list(one.sends),
            }
            for one in room.places
        ],
    }


def group_call_resource(call: GroupCall, people: dict[str, Person], moment: datetime) -> GroupCallResource:
    """The call as it is at this moment, or as it ended."""
    until = from_text(call.ended_at) if call.ended_at else moment
    attendances = sorted(call.attendances, key=lambda one: one.until(until), reverse=True)
    return {
        "id": call.id,
        "conversationId": call.conversation_id,
        "title": call.title,
        "media": call.media,
        "startedBy": author_of(people, call.started_by),
        "createdAt": call.created_at,
        "endedAt": call.ended_at,
        "attendees": [{"person": author_of(people, one.user_id), "seconds": one.until(until)} for one in attendances],
    }
