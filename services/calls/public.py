"""What other contexts may use of calls."""

from __future__ import annotations

from services.calls.endings import Endings
from services.calls.queries import CallQueries, IceQueries
from services.calls.repository import CallRepository
from services.calls.resources import (
    CallAndOther,
    CallPage,
    CallResource,
    CurrentCall,
    IceServers,
    ListedCall,
    to_resource,
)
from services.calls.room_commands import RoomEndings
from services.calls.room_repository import RoomRepository
from services.calls.settings import IceSettings
from services.common.people import People
from services.common.personal_data import PersonalData, Source, Step, erased, partition

__all__ = [
    "CallAndOther",
    "CallPage",
    "CallQueries",
    "CallResource",
    "CurrentCall",
    "IceQueries",
    "IceServers",
    "IceSettings",
    "ListedCall",
    "call_queries",
    "personal_data",
    "to_resource",
]


def personal_data(table_calls: str) -> PersonalData:
    """Deleting an account first ends the call that its owner is in, and takes them out of a group call."""
    endings, rooms = Endings(CallRepository(table_calls)), RoomEndings(RoomRepository(table_calls))
    return PersonalData(
        export=(Source("calls", partition(table_calls, "USER", prefix="HISTORY#")),),
        closing=(
            Step("live call", lambda user_id: int(endings.end_of(user_id) is not None)),
            Step("group call", lambda user_id: int(rooms.leave(user_id))),
        ),
        erasure=(Step("calls", erased(table_calls, "USER")),),
    )


def call_queries(table_calls: str, people: People) -> CallQueries:
    return CallQueries(CallRepository(table_calls), people)
