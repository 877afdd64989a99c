"""What other contexts may use of calls."""

from __future__ import annotations

from services.calls.queries import CallQueries
from services.calls.repository import CallRepository
from services.calls.resources import CallResource, IceServers, to_resource
from services.calls.settings import IceSettings
from services.common.personal_data import PersonalData, Step, erased

__all__ = [
    "CallQueries",
    "CallResource",
    "IceServers",
    "IceSettings",
    "call_queries",
    "personal_data",
    "to_resource",
]


def personal_data(table_calls: str) -> PersonalData:
    return PersonalData(erasure=(Step("calls", erased(table_calls, "USER")),))


def call_queries(table_calls: str, settings: IceSettings) -> CallQueries:
    return CallQueries(CallRepository(table_calls), settings)
