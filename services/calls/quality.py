"""Quality reports of pages, as metrics with few dimensions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.calls import model
from services.calls.model import CallMedia, Quality
from services.calls.repository import CallRepository
from services.calls.room_commands import GroupMembers
from services.calls.room_repository import RoomRepository
from services.common.clock import now
from services.common.errors import NotInCall
from services.common.lazy_dataclasses import dataclass
from services.common.observability import MetricUnit, measure


@dataclass
class QualityReports:
    """Nothing is stored, and the metrics identify no call and no person."""

    calls: CallRepository
    rooms: RoomRepository
    members: GroupMembers
    clock: Callable[[], datetime] = now

    def of_call(self, user_id: str, call_id: str, quality: Quality) -> None:
        """
        Raises:
            NotFound: no such call of theirs.
            WrongCallState, CallOver: see ``Call.check_report``.
        """
        model.check_call_id(call_id)
        call = self.calls.get(call_id)
        if call is None:
            raise model.no_call(call_id)
        call.role_of(user_id)
        moment = self.clock()
        (call.due(moment) or call).check_report(moment)
        _measure(call.media, quality)

    def of_group_call(self, user_id: str, conversation_id: str, quality: Quality) -> None:
        """Report on the connections of a page.

        Raises:
            NotFound, Unprocessable: see ``GroupMembers.of_group``.
            NotInCall: there is no group call whose frames this person got.
            CallOver: it ended more than ``REPORT_TIME`` ago.
        """
        self.members.of_group(conversation_id, user_id)
        room = self.rooms.get(conversation_id)
        if room is None or user_id not in room.audience:
            raise NotInCall("There is no group call to report on.")
        model.check_reported_in_time(room.ended_at, self.clock())
        _measure(room.media, quality)


def _measure(media: CallMedia, quality: Quality) -> None:
    measure(
        {"media": media, "path": quality.path},
        CallRoundTrip=(MetricUnit.Milliseconds, quality.round_trips),
        CallLoss=(MetricUnit.Percent, quality.losses),
    )
