"""The projector of group calls: events that start and stop ringing, and frames for open sockets."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from services.calls import handler as functions
from services.calls.model import ABSENCE_LIMIT
from tests.support.aws import Aws
from tests.support.lambdas import Context
from tests.support.rooms import Group

pytestmark = pytest.mark.usefixtures("fresh")


def project(fresh: Aws, group: Group) -> list[dict[str, Any]]:
    """Run the projector over the changes of this group's rooms."""
    records = [one for one in fresh.changes("calls") if one["dynamodb"]["Keys"]["pk"]["S"] == f"ROOM#{group.id}"]
    assert functions.projector({"Records": records}, Context()) == {"batchItemFailures": []}
    return records


def rung_and_silenced(fresh: Aws, group: Group, count: int) -> list[tuple[str, set[str]]]:
    rooms = {one["dynamodb"]["NewImage"]["roomId"]["S"] for one in project(fresh, group)}
    found = fresh.published(lambda one: one["data"].get("roomId") in rooms, count)
    return [(one["type"], set(one["data"].get("recipientIds") or one["data"]["userIds"])) for one in found]


def test_a_group_call_rings_by_push_until_the_person_joins_or_leaves_or_it_ends(fresh: Aws, group: Group) -> None:
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


def test_the_next_call_silences_a_former_call_that_was_not_ended(fresh: Aws, group: Group) -> None:
    ann, *others = group.members
    group.join(ann)
    group.moment += 2 * ABSENCE_LIMIT
    group.join(ann)
    assert rung_and_silenced(fresh, group, 3) == [
        ("room.ringing", set(others)),
        ("room.ringing_ended", set(others)),
        ("room.ringing", set(others)),
    ]


def test_members_receive_each_change_and_the_call_rings_for_non_attendees(fresh: Aws, group: Group) -> None:
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
