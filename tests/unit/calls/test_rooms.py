"""The order of the people in a group call, which is the order of their tiles."""

from __future__ import annotations

from datetime import timedelta

from services.calls.model import DevicePage
from services.calls.rooms import Room
from services.common.clock import now, to_text

MOMENT = now()


def page(name: str, device: str = "device") -> DevicePage:
    return DevicePage(f"{device} of {name}", f"session on {device} of {name}")


def order(room: Room) -> list[str]:
    return [place.user_id for place in room.places]


def test_people_keep_their_place_when_a_page_joins_again_or_another_one_takes_over() -> None:
    room = Room("r", "c", "video", "ann", to_text(MOMENT))
    for name in ("ann", "ben", "cleo"):
        room = room.joined(name, page(name), MOMENT)
    later = MOMENT + timedelta(seconds=5)
    assert order(room.joined("ann", page("ann"), later)) == ["ann", "ben", "cleo"]
    moved = room.joined("ben", page("ben", "phone"), later, take_over=True)
    assert [place.session for place in moved.places] == [
        "session on device of ann", "session on phone of ben", "session on device of cleo",
    ]  # fmt: skip
    # People who left come last.
    assert order(room.without(["ann"], later).joined("ann", page("ann"), later)) == ["ben", "cleo", "ann"]
