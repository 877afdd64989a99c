"""Group calls: who may be in one, how it is joined and left, and whom its signals reach."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.calls import handler as functions
from services.calls.commands import CallCommands
from services.calls.endings import Endings
from services.calls.listener import Listener
from services.calls.media import MediaServer
from services.calls.model import ABSENCE_LIMIT, DevicePage
from services.calls.public import personal_data
from services.calls.queries import CallQueries
from services.calls.repository import CallRepository
from services.calls.room_commands import RoomCommands, RoomEndings
from services.calls.room_repository import MISSED_LIMIT, RoomRepository
from services.calls.rooms import MESH_LIMIT, Room
from services.calls.states import CallAction, CallState
from services.chat.public import GroupRoster
from services.common.clock import now
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
from services.common.ids import new_id
from tests.support.aws import Aws
from tests.support.directory import FakePeople
from tests.support.lambdas import Context, new_user
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")
OFFER = {"description": {"type": "offer", "sdp": "v=0"}}


@dataclass
class Group:
    """A group of chat with its rooms; time passes when the test says so. ``members``: user id → muted."""

    members: dict[str, bool]
    id: str = field(default_factory=new_id)
    transport: FakeTransport = field(default_factory=FakeTransport)
    people: FakePeople = field(default_factory=FakePeople)
    media: MediaServer = field(default_factory=MediaServer)
    moment: datetime = field(default_factory=lambda: now().replace(microsecond=0))

    def of_group(self, conversation_id: str, user_id: str) -> GroupRoster:
        if conversation_id != self.id or user_id not in self.members:
            raise NotFound("no")
        return GroupRoster("Hikers", self.members)

    def clock(self) -> datetime:
        return self.moment

    @property
    def commands(self) -> RoomCommands:
        rooms, calls = RoomRepository("calls"), CallRepository("calls")
        return RoomCommands(rooms, calls, self, lambda: self.transport, self.people, self.clock, self.media)

    @property
    def endings(self) -> RoomEndings:
        return RoomEndings(RoomRepository("calls"), self.clock)

    def join(self, user: str, page: str = "page", *, take_over: bool = False) -> Room:
        return self.commands.join(user, self.id, "video", page_of(user, page), take_over=take_over)

    def here(self, user: str, page: str = "page", *, muted: bool = False) -> Room:
        return self.commands.here(user, self.id, page_of(user, page), muted=muted)

    def leave(self, user: str, page: str = "page") -> None:
        self.commands.leave(user, self.id, page_of(user, page))

    def signal(self, user: str, to: str, page: str = "page", to_page: str = "page") -> bool:
        return self.commands.signal(user, self.id, page_of(user, page), (to, f"{to_page}-of-{to}"), OFFER)

    def inside(self) -> set[str]:
        room = self.commands.read(next(iter(self.members)), self.id)
        return {place.user_id for place in room.places} if room else set()


def page_of(user: str, page: str = "page") -> DevicePage:
    return DevicePage(f"device-{user}-{page}", f"{page}-of-{user}")


@pytest.fixture
def group() -> Group:
    return Group({new_user(): False for _ in range(MESH_LIMIT + 2)})


def test_people_join_and_leave_and_the_last_one_ends_it(group: Group) -> None:
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


def test_one_more_than_a_mesh_takes_is_refused_also_when_all_come_at_once(group: Group) -> None:
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


def test_who_is_no_member_gets_nothing_though_they_know_the_ids(group: Group) -> None:
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
    assert sent.frame["data"] == about | OFFER
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


def test_a_page_that_falls_silent_has_left_and_comes_back_by_joining(group: Group) -> None:
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


def test_another_page_takes_over_only_when_asked_to(group: Group) -> None:
    ann, *_ = group.members
    group.join(ann)
    with pytest.raises(CallElsewhere):
        group.join(ann, "desk")
    assert [place.session for place in group.join(ann, "desk", take_over=True).places] == [f"desk-of-{ann}"]
    with pytest.raises(CallElsewhere):
        group.here(ann)
    # What the former page says when it goes away takes nothing from the new one
    group.leave(ann)
    assert group.inside() == {ann}


def test_nobody_is_in_two_calls(group: Group) -> None:
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


def test_who_leaves_the_group_or_is_erased_is_out_of_its_call(group: Group) -> None:
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


def test_who_is_suspended_is_out_of_the_call_and_hears_of_it(group: Group) -> None:
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


def test_a_room_is_looked_at_until_it_is_over(group: Group) -> None:
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


def project(fresh: Aws, group: Group) -> list[dict[str, Any]]:
    """Runs the projector over the changes of the rooms of this group."""
    records = [one for one in fresh.changes("calls") if one["dynamodb"]["Keys"]["pk"]["S"] == f"ROOM#{group.id}"]
    assert functions.projector({"Records": records}, Context()) == {"batchItemFailures": []}
    return records


def rung_and_silenced(fresh: Aws, group: Group, count: int) -> list[tuple[str, set[str]]]:
    rooms = {one["dynamodb"]["NewImage"]["roomId"]["S"] for one in project(fresh, group)}
    found = fresh.published(lambda one: one["data"].get("roomId") in rooms, count)
    return [(one["type"], set(one["data"].get("recipientIds") or one["data"]["userIds"])) for one in found]


def test_it_rings_by_push_until_they_join_or_leave_the_group_or_it_is_over(fresh: Aws, group: Group) -> None:
    ann, bob, cid, dan, *others = group.members
    group.members[cid] = True
    group.people.blocks = {frozenset((ann, dan))}
    group.join(ann)
    group.join(bob)
    group.here(bob)
    del group.members[others[0]]
    group.endings.remove(group.id, others[0])
    group.join(dan)
    group.leave(dan)
    group.leave(bob)
    group.leave(ann)
    assert rung_and_silenced(fresh, group, 4) == [
        ("room.ringing", {bob, *others}),
        ("room.ringing_ended", {bob}),
        ("room.ringing_ended", {others[0]}),
        ("room.ringing_ended", {bob, *others[1:]}),
    ]


def test_the_next_call_silences_the_former_that_nobody_ended(fresh: Aws, group: Group) -> None:
    ann, *others = group.members
    group.join(ann)
    group.moment += 2 * ABSENCE_LIMIT
    group.join(ann)
    assert rung_and_silenced(fresh, group, 3) == [
        ("room.ringing", set(others)),
        ("room.ringing_ended", set(others)),
        ("room.ringing", set(others)),
    ]


def listed(group: Group, reader: str) -> list[dict[str, Any]]:
    """The group calls in the list of this person, as the API answers."""
    page = CallQueries(CallRepository("calls"), group.people, group.clock).history(reader, None, 20)
    assert all(one["call"] is None and one["other"] is None for one in page["items"])
    return [dict(one["group"] or {}) for one in page["items"]]


def seconds(call: dict[str, Any]) -> dict[str, int]:
    return {one["person"]["id"]: one["seconds"] for one in call["attendees"]}


def test_a_call_is_in_the_list_with_who_was_there_and_how_long(group: Group) -> None:
    ann, bob, cid, dan, eva, _ = group.members
    group.members[cid] = group.members[dan] = True
    group.join(ann)
    group.moment += timedelta(seconds=5)
    group.join(bob)
    group.moment += timedelta(seconds=10)
    for user in (ann, bob):
        group.here(user)
    group.join(cid)
    (running,) = listed(group, ann)
    assert (running["endedAt"], seconds(running)) == (None, {ann: 15, bob: 10, cid: 0})
    group.leave(bob)
    group.moment += timedelta(seconds=10)
    group.join(bob)
    group.moment += timedelta(seconds=2)
    # Another page of the same person goes on counting
    group.join(ann, "desk", take_over=True)
    group.moment += timedelta(seconds=3)
    for user, page in ((bob, "page"), (cid, "page"), (ann, "desk")):
        group.leave(user, page)
    (call,) = listed(group, ann)
    assert [call[name] for name in ("conversationId", "title", "media")] == [group.id, "Hikers", "video"]
    assert (call["startedBy"]["id"], bool(call["endedAt"])) == (ann, True)
    assert seconds(call) == {ann: 30, bob: 15, cid: 15}
    assert call["attendees"][0]["person"]["id"] == ann
    # Who was in it, or whom it rang for; not who had muted the group and stayed away
    assert [len(listed(group, one)) for one in (bob, cid, dan, eva)] == [1, 1, 0, 1]


def test_who_falls_silent_was_there_until_their_last_sign_of_life(group: Group) -> None:
    ann, bob, *_ = group.members
    group.join(ann)
    group.join(bob)
    group.moment += ABSENCE_LIMIT / 2
    group.here(ann)
    group.moment += ABSENCE_LIMIT / 2
    room = RoomRepository("calls").get(group.id)
    assert room
    group.endings.look(group.id, room.id)
    assert seconds(listed(group, ann)[0]) == {ann: 20, bob: 0}
    group.moment += ABSENCE_LIMIT
    # Nobody looked since: the next call ends the former
    group.join(bob)
    latest, former = listed(group, bob)
    assert (seconds(latest), seconds(former)) == ({bob: 0}, {ann: 10, bob: 0})
    assert (latest["endedAt"], bool(former["endedAt"])) == (None, True)


def test_a_call_of_many_is_in_the_lists_of_those_alone_who_were_in_it() -> None:
    group = Group({new_user(): False for _ in range(MISSED_LIMIT + 2)})
    ann, bob, cid, *_ = group.members
    group.join(ann)
    group.join(bob)
    assert [len(listed(group, one)) for one in (ann, bob, cid)] == [1, 1, 0]


def test_calls_of_two_and_of_groups_are_one_list(group: Group) -> None:
    ann, bob, *_ = group.members
    calls = CallCommands(CallRepository("calls"), lambda: group.transport, FakePeople(), FakePeople())
    first = calls.start(ann, bob, "audio")
    calls.act(ann, first.id, CallAction.HANGUP)
    room = group.join(ann)
    group.leave(ann)
    last = calls.start(ann, bob, "audio")
    queries = CallQueries(CallRepository("calls"), FakePeople())
    pages = [queries.history(bob, None, 2)]
    pages.append(queries.history(bob, pages[0]["older"], 2))
    found = [one["group"] or one["call"] for page in pages for one in page["items"]]
    assert [one and one["id"] for one in found] == [last.id, room.id, first.id]
    erased = personal_data("calls").erasure[0].run
    while erased(bob):
        pass
    assert queries.history(bob, None, 2)["items"] == []
    assert len(queries.history(ann, None, 9)["items"]) == 3


def test_members_hear_of_each_change_and_it_rings_for_who_is_not_in_it(fresh: Aws, group: Group) -> None:
    ann, bob, cid, *others = group.members
    group.members[cid] = True
    group.join(ann)
    group.here(ann)
    group.join(bob)
    records = [one for one in fresh.changes("calls") if one["dynamodb"]["Keys"]["pk"]["S"] == f"ROOM#{group.id}"]
    assert len(records) == 3
    assert functions.projector({"Records": records}, Context()) == {"batchItemFailures": []}
    sent = [one["kinesis"] for one in fresh.stream_records() if one["kinesis"]["partitionKey"] == group.id]
    told = [json.loads(base64.b64decode(one["data"])) for one in sent]
    assert [(one["frame"]["data"]["rings"], set(one["users"])) for one in told] == [
        (True, {bob, *others}),
        (False, {ann, cid}),
        (False, set(group.members)),
    ]
    assert [len(one["frame"]["data"]["room"]["members"]) for one in told] == [1, 1, 2]
    assert "device" not in json.dumps(told)
