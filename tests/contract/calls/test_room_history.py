"""Group calls in the call history: whose history lists them, who attended, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.calls.commands import CallCommands
from services.calls.model import ABSENCE_LIMIT
from services.calls.public import personal_data
from services.calls.queries import CallQueries
from services.calls.repository import CallRepository
from services.calls.room_repository import MISSED_LIMIT, RoomRepository
from services.calls.states import CallAction
from tests.support.directory import FakePeople
from tests.support.lambdas import new_user
from tests.support.rooms import Group

pytestmark = pytest.mark.usefixtures("fresh")


def listed(group: Group, reader: str) -> list[dict[str, Any]]:
    """The group calls in this person's history, as the API returns them."""
    page = CallQueries(CallRepository("calls"), group.people, group.clock).history(reader, None, 20)
    assert all(one["call"] is None and one["other"] is None for one in page["items"])
    return [dict(one["group"] or {}) for one in page["items"]]


def seconds(call: dict[str, Any]) -> dict[str, int]:
    return {one["person"]["id"]: one["seconds"] for one in call["attendees"]}


def test_a_group_call_is_listed_with_its_attendees_and_their_durations(group: Group) -> None:
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
    # Another page of the same person continues the same count
    group.join(ann, "desk", take_over=True)
    group.moment += timedelta(seconds=3)
    for user, page in ((bob, "page"), (cid, "page"), (ann, "desk")):
        group.leave(user, page)
    (call,) = listed(group, ann)
    assert [call[name] for name in ("conversationId", "title", "media")] == [group.id, "Hikers", "video"]
    assert (call["startedBy"]["id"], bool(call["endedAt"])) == (ann, True)
    assert seconds(call) == {ann: 30, bob: 15, cid: 15}
    assert call["attendees"][0]["person"]["id"] == ann
    # Attendees and everyone whose phone rang; not members who had muted the group and did not join
    assert [len(listed(group, one)) for one in (bob, cid, dan, eva)] == [1, 1, 0, 1]


def test_a_silent_attendee_counts_until_their_last_heartbeat(group: Group) -> None:
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
    # No check ran since: the next call ends the previous one
    group.join(bob)
    latest, former = listed(group, bob)
    assert (seconds(latest), seconds(former)) == ({bob: 0}, {ann: 10, bob: 0})
    assert (latest["endedAt"], bool(former["endedAt"])) == (None, True)


def test_a_large_call_is_listed_for_its_attendees_only() -> None:
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
