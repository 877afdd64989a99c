"""Media server tickets: who gets one, how long it is valid, and which claims it has."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from emulation.sfu import tokens
from services.calls.media import SFU_LIMIT, TOKEN_LIFETIME, MediaServer
from services.calls.model import DevicePage
from services.calls.rooms import MESH_LIMIT, Room
from services.common.clock import now, to_text
from services.common.errors import RoomFull

_SECRET = "a secret that both have, of 32 bytes"
_SERVER = MediaServer("http://localhost:8086", lambda: _SECRET)


def room_of(count: int, limit: int, moment: datetime) -> Room:
    room = Room("r", "c", "video", "p-0", to_text(moment), limit=limit)
    for number in range(count):
        room = room.joined(f"p-{number}", DevicePage(f"device-{number}", f"session-{number}"), moment)
    return room


def test_a_call_uses_the_media_server_from_the_fifth_person() -> None:
    moment = now()
    assert room_of(MESH_LIMIT, SFU_LIMIT, moment).path == "mesh"
    large = room_of(MESH_LIMIT + 1, SFU_LIMIT, moment)
    assert large.path == "sfu"
    # The call stays on the media server when people leave.
    assert (
        large.without(["p-0", "p-1", "p-2"], moment).joined("p-9", DevicePage("d", "session-9"), moment).path == "sfu"
    )
    with pytest.raises(RoomFull):
        room_of(SFU_LIMIT + 1, SFU_LIMIT, moment)
    with pytest.raises(RoomFull):
        room_of(MESH_LIMIT + 1, MediaServer().limit, moment)


def test_a_ticket_is_for_one_page_in_one_call_and_for_a_minute() -> None:
    moment = now()
    room = room_of(MESH_LIMIT + 1, SFU_LIMIT, moment)
    ticket = _SERVER.ticket(room, room.places[1], moment)
    assert ticket is not None
    found = tokens.read(f"Bearer {ticket['token']}", _SECRET)
    assert (found.room, found.page, found.feed) == ("r", "session-1", "session-1")
    assert timedelta(0) <= moment + TOKEN_LIFETIME - datetime.fromtimestamp(found.expires, UTC) < timedelta(seconds=1)
    assert jwt.get_unverified_header(ticket["token"]) == {"alg": "HS256", "typ": "JWT"}
    assert "p-1" not in json.dumps(jwt.decode(ticket["token"], options={"verify_signature": False}))


def test_a_mesh_and_a_missing_media_server_give_no_ticket() -> None:
    moment = now()
    small, large = room_of(MESH_LIMIT, SFU_LIMIT, moment), room_of(MESH_LIMIT + 1, SFU_LIMIT, moment)
    assert _SERVER.ticket(small, small.places[0], moment) is None
    assert MediaServer().ticket(large, large.places[0], moment) is None


@pytest.mark.parametrize("secret", ["another secret, as long as the other one", "another one, with 32 bytes or more"])
def test_a_token_by_another_secret_does_not_count(secret: str) -> None:
    moment = now()
    room = room_of(MESH_LIMIT + 1, SFU_LIMIT, moment)
    ticket = MediaServer(_SERVER.url, lambda: secret).ticket(room, room.places[0], moment)
    assert ticket is not None
    with pytest.raises(tokens.Denied):
        tokens.read(f"Bearer {ticket['token']}", _SECRET)
