"""Group calls: who may join, how people join and leave, and who receives signals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from services.calls.commands import CallCommands
from services.calls.endings import Endings
from services.calls.listener import Listener
from services.calls.model import ABSENCE_LIMIT, DevicePage
from services.calls.repository import CallRepository
from services.calls.room_repository import RoomRepository
from services.calls.rooms import MESH_LIMIT
from services.calls.states import CallState
from services.common.errors import (
    AppError,
    CallElsewhere,
    InAnotherCall,
    NotFound,
    NotInCall,
    RoomFull,
    StaleNegotiation,
    TooLarge,
)
from services.common.events import ChatMemberLeft, ModerationDecided
from tests.support.calls import OFFER
from tests.support.directory import FakePeople
from tests.support.lambdas import new_user
from tests.support.rooms import Group, page_of

pytestmark = pytest.mark.usefixtures("fresh")


def test_people_join_and_leave_and_the_last_to_leave_ends_the_call(group: Group) -> None:
    ann, bob, cid, *_ = group.members
    first = group.join(ann)
    assert (first.started_by, group.join(bob).id, group.join(ann).id) == (ann, first.id, first.id)
    group.join(cid)
    assert group.inside() == {ann, bob, cid}
    for user in (ann, cid, cid):
        group.leave(user)
    assert group.inside() == {bob}
    group.leave(bob)
    assert group.commands.read(bob, group.id) is None
    assert group.join(bob).id != first.id


def test_the_mesh_limit_holds_when_everyone_joins_at_once(group: Group) -> None:
    def join(user: str) -> bool:
        try:
            return bool(group.join(user))
        except RoomFull:
            return False

    with ThreadPoolExecutor(len(group.members)) as pool:
        joined = dict(zip(group.members, pool.map(join, group.members), strict=True))
    assert list(joined.values()).count(True) == MESH_LIMIT
    assert group.inside() == {user for user, is_in in joined.items() if is_in}
    group.leave(next(iter(group.inside())))
    assert join(next(user for user, is_in in joined.items() if not is_in))


def test_a_non_member_who_knows_the_ids_is_refused(group: Group) -> None:
    ann, stranger = next(iter(group.members)), new_user()
    group.join(ann)
    attempts = (
        lambda: group.join(stranger),
        lambda: group.here(stranger),
        lambda: group.commands.read(stranger, group.id),
        lambda: group.leave(stranger),
        lambda: group.signal(stranger, ann),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert (group.inside(), group.transport.deliveries) == ({ann}, [])


def test_signals_go_from_one_page_in_the_call_to_another(group: Group) -> None:
    ann, bob, outside, *_ = group.members
    room = group.join(ann)
    group.join(bob)
    assert group.signal(ann, bob)
    (sent,) = group.transport.deliveries
    assert (sent.users, sent.only) == ([bob], f"device-{bob}-page")
    about = {"conversationId": group.id, "roomId": room.id, "from": ann, "fromSession": f"page-of-{ann}"}
    assert sent.frame["data"] == about | {"fromJoinedAt": room.places[0].joined_at} | OFFER
    refused: list[tuple[type[AppError], str, str, str, str]] = [
        (NotInCall, outside, bob, "page", "page"),
        (CallElsewhere, ann, bob, "other", "page"),
        (StaleNegotiation, ann, bob, "page", "former"),
        (StaleNegotiation, ann, outside, "page", "page"),
    ]
    for error, user, to, page, to_page in refused:
        with pytest.raises(error):
            group.signal(user, to, page, to_page)
    page_of_bob = (bob, f"page-of-{bob}")
    with pytest.raises(NotInCall):
        group.commands.signal(ann, group.id, DevicePage("old-connection", f"page-of-{ann}"), page_of_bob, OFFER)
    with pytest.raises(TooLarge):
        group.commands.signal(
            ann, group.id, page_of(ann), page_of_bob, {"description": {"type": "offer", "sdp": "x" * 31_000}}
        )
    assert len(group.transport.deliveries) == 1


def test_signals_for_a_page_from_before_it_left_are_refused(group: Group) -> None:
    ann, bob, *_ = group.members
    group.join(ann)
    place = group.join(bob).place_of(bob)
    to_bob = (bob, f"page-of-{bob}")
    assert place is not None
    assert group.commands.signal(ann, group.id, page_of(ann), to_bob, OFFER, place.joined_at)
    group.moment += timedelta(seconds=1)
    group.leave(bob)
    back = group.join(bob).place_of(bob)
    with pytest.raises(StaleNegotiation):
        group.commands.signal(ann, group.id, page_of(ann), to_bob, OFFER, place.joined_at)
    assert back is not None
    assert group.commands.signal(ann, group.id, page_of(ann), to_bob, OFFER, back.joined_at)


def test_a_page_without_heartbeats_has_left_and_can_rejoin(group: Group) -> None:
    ann, bob, *_ = group.members
    group.join(ann)
    group.join(bob)
    group.moment += ABSENCE_LIMIT / 2
    group.here(ann, muted=True)
    group.moment += ABSENCE_LIMIT / 2
    assert group.inside() == {ann}
    with pytest.raises(NotInCall):
        group.here(bob)
    assert {place.user_id: place.muted for place in group.join(bob).places} == {ann: True, bob: False}


def test_another_page_takes_over_only_on_request(group: Group) -> None:
    ann, *_ = group.members
    group.join(ann)
    with pytest.raises(CallElsewhere):
        group.join(ann, "desk")
    assert [place.session for place in group.join(ann, "desk", take_over=True).places] == [f"desk-of-{ann}"]
    with pytest.raises(CallElsewhere):
        group.here(ann)
    # A late leave of the previous page does not affect the new one
    group.leave(ann)
    assert group.inside() == {ann}


def test_a_person_cannot_be_in_two_calls(group: Group) -> None:
    ann, bob, cid, *_ = group.members
    calls = CallCommands(CallRepository("calls"), lambda: group.transport, FakePeople(), FakePeople())
    group.join(ann)
    with pytest.raises(InAnotherCall):
        calls.start(ann, cid, "audio")
    assert calls.start(cid, ann, "audio").state is CallState.BUSY
    assert calls.start(cid, bob, "audio").state is CallState.RINGING
    with pytest.raises(InAnotherCall):
        group.join(bob)
    other = Group({ann: False})
    with pytest.raises(InAnotherCall):
        other.join(ann)
    group.leave(ann)
    assert other.join(ann)


def test_leaving_the_group_or_an_erasure_removes_a_person_from_its_call(group: Group) -> None:
    ann, bob, cid, *_ = group.members
    for user in (ann, bob, cid):
        group.join(user)
    left = ChatMemberLeft(cause="c", actor=bob, conversation_id=group.id, user_id=bob)
    listener = Listener(Endings(CallRepository("calls")), group.endings)
    for _ in range(2):
        listener.handle(left)
    assert group.inside() == {ann, cid}
    room = RoomRepository("calls").get(group.id)
    assert room and bob not in room.audience
    assert [group.endings.leave(cid) for _ in range(2)] == [True, False]
    assert group.inside() == {ann}


def test_a_suspended_person_is_removed_from_the_call_and_notified(group: Group) -> None:
    ann, bob, *_ = group.members
    for user in (ann, bob):
        group.join(user)
    listener = Listener(Endings(CallRepository("calls")), group.endings)
    decided = ModerationDecided(
        cause="c", actor="moderator", decision="hide", subject_kind="person", subject_id=bob, owner_id=bob,
        reason="spam", comment="", subject_version=1,
    )  # fmt: skip
    listener.handle(decided)
    assert group.inside() == {ann, bob}
    for _ in range(2):
        listener.handle(replace(decided, decision="suspend"))
    assert group.inside() == {ann}
    room = RoomRepository("calls").get(group.id)
    assert room and bob in room.audience
    assert not group.endings.put_out(new_user())


def test_a_room_is_checked_until_its_call_ends(group: Group) -> None:
    ann, bob, *_ = group.members
    room = group.join(ann)
    group.moment += ABSENCE_LIMIT / 2
    group.join(bob)
    assert group.endings.look(group.id, room.id) == timedelta(seconds=10)
    group.moment += ABSENCE_LIMIT / 2
    assert group.endings.look(group.id, room.id) == timedelta(seconds=10)
    group.moment += ABSENCE_LIMIT
    assert group.endings.look(group.id, room.id) is None
    stored = RoomRepository("calls").get(group.id)
    assert stored and (stored.places, bool(stored.ended_at)) == ((), True)
    group.join(ann)
    assert group.endings.look(group.id, room.id) is None
