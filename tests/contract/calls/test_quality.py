"""Call quality reports from pages become metrics with few dimensions, and nothing else."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from emulation.console.emf import metric_data
from services.calls import handler as functions
from services.calls.commands import CallCommands
from services.calls.model import REPORT_TIME, Call, DevicePage, Quality
from services.calls.quality import QualityReports
from services.calls.repository import CallRepository
from services.calls.room_commands import RoomCommands
from services.calls.room_repository import RoomRepository
from services.calls.states import CallAction
from services.chat.public import GroupRoster
from services.common import observability
from services.common.clock import now
from services.common.errors import CallOver, NotFound, NotInCall, WrongCallState
from services.common.ids import new_id
from tests.support.directory import FakePeople
from tests.support.lambdas import call_http, new_user
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")
SEEN = Quality("relay", (20.5, 300), (0,))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """The metrics that CloudWatch would extract from the log, without those of each invocation."""
    written = io.StringIO()
    (handler,) = logging.getLogger(observability.logger.name).handlers
    monkeypatch.setattr(handler, "stream", written)

    def read() -> list[tuple[str, dict[str, Any]]]:
        lines = written.getvalue().splitlines()
        found = [datum for line in lines if json.loads(line)["message"] == "measured" for datum in metric_data(line)]
        return [(datum["MetricName"], datum) for _, datum in found]

    return read


@pytest.fixture
def commands() -> CallCommands:
    return CallCommands(CallRepository("calls"), FakeTransport, FakePeople(), FakePeople())


class OneGroup:
    """``GroupMembers`` of one conversation."""

    def __init__(self, *members: str) -> None:
        self.id, self.members = new_id(), members

    def of_group(self, conversation_id: str, user_id: str) -> GroupRoster:
        if conversation_id != self.id or user_id not in self.members:
            raise NotFound("no")
        return GroupRoster("Group", dict.fromkeys(self.members, False))


@pytest.fixture
def group() -> OneGroup:
    return OneGroup(new_user(), new_user(), new_user())


@pytest.fixture
def reports(group: OneGroup) -> QualityReports:
    return QualityReports(CallRepository("calls"), RoomRepository("calls"), group)


def answered(commands: CallCommands) -> Call:
    call = commands.start(new_user(), new_user(), "video")
    return commands.act(call.callee_id, call.id, CallAction.ACCEPT)


def test_a_report_becomes_metrics_of_few_dimensions(
    commands: CallCommands, reports: QualityReports, measured: Callable[[], list[tuple[str, dict[str, Any]]]]
) -> None:
    call = answered(commands)
    reports.of_call(call.caller_id, call.id, SEEN)
    reports.of_call(call.callee_id, call.id, Quality("direct", (), (1.5,)))
    found = measured()
    assert [(name, one["Unit"], one["Values"]) for name, one in found] == [
        ("CallRoundTrip", "Milliseconds", [20.5, 300]),
        ("CallLoss", "Percent", [0]),
        ("CallLoss", "Percent", [1.5]),
    ]
    dimensions = [{one["Name"]: one["Value"] for one in datum["Dimensions"]} for _, datum in found]
    assert [(set(one), one["media"], one["path"]) for one in dimensions] == [
        ({"service", "media", "path"}, "video", path) for path in ("relay", "relay", "direct")
    ]


def test_only_a_party_reports_and_only_of_a_call_that_was_answered(
    commands: CallCommands, reports: QualityReports
) -> None:
    call = answered(commands)
    with pytest.raises(NotFound):
        reports.of_call(new_user(), call.id, SEEN)
    ringing = commands.start(new_user(), new_user(), "audio")
    with pytest.raises(WrongCallState):
        reports.of_call(ringing.caller_id, ringing.id, SEEN)


def test_the_last_report_is_accepted_shortly_after_the_end(commands: CallCommands, reports: QualityReports) -> None:
    call = answered(commands)
    commands.act(call.caller_id, call.id, CallAction.HANGUP)
    reports.of_call(call.callee_id, call.id, SEEN)
    reports.clock = lambda: now() + REPORT_TIME + timedelta(seconds=5)
    with pytest.raises(CallOver):
        reports.of_call(call.callee_id, call.id, SEEN)


def in_group_call(group: OneGroup) -> tuple[RoomCommands, DevicePage]:
    """The first member's page is in the group's call."""
    rooms = RoomCommands(RoomRepository("calls"), CallRepository("calls"), group, FakeTransport, FakePeople())
    page = DevicePage("device", "page-of-ann")
    rooms.join(group.members[0], group.id, "video", page)
    return rooms, page


def test_only_members_of_a_group_call_can_report_its_quality(
    group: OneGroup, reports: QualityReports, measured: Callable[[], list[tuple[str, dict[str, Any]]]]
) -> None:
    with pytest.raises(NotInCall):
        reports.of_group_call(group.members[0], group.id, SEEN)
    rooms, page = in_group_call(group)
    reports.of_group_call(group.members[0], group.id, SEEN)
    assert [name for name, _ in measured()] == ["CallRoundTrip", "CallLoss"]
    with pytest.raises(NotFound):
        reports.of_group_call(new_user(), group.id, SEEN)
    # A person who left before the last report may still send it, for a limited time
    rooms.leave(group.members[0], group.id, page)
    reports.of_group_call(group.members[0], group.id, SEEN)
    reports.clock = lambda: now() + REPORT_TIME + timedelta(seconds=5)
    with pytest.raises(CallOver):
        reports.of_group_call(group.members[0], group.id, SEEN)


@pytest.mark.parametrize(
    "body",
    [
        {"path": "direct"},
        {"path": "direct", "roundTrips": []},
        {"path": "moon", "roundTrips": [1]},
        {"path": "direct", "roundTrips": [-1]},
        {"path": "direct", "roundTrips": [60_001]},
        {"path": "direct", "losses": [101]},
        {"path": "direct", "losses": [0] * 41},
        {"path": "direct", "roundTrips": [1], "callerId": "me"},
    ],
)
def test_an_invalid_quality_report_is_refused(commands: CallCommands, body: dict[str, object]) -> None:
    call = answered(commands)
    path = f"/v1/calls/{call.id}/quality"
    assert call_http(functions.handler, "POST", path, user=call.caller_id, body=body).status == 400
    good = {"path": "direct", "roundTrips": [1]}
    assert call_http(functions.handler, "POST", path, user=call.caller_id, body=good).status == 204
