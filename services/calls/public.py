"""What other contexts may use of calls."""

from __future__ import annotations

from services.calls.queries import CallQueries
from services.calls.repository import CallRepository
from services.calls.resources import CallResource, IceServers, to_resource
from services.common.personal_data import Step, erased

__all__ = ["ERASURE", "CallQueries", "CallResource", "IceServers", "call_queries", "to_resource"]

ERASURE = (Step("calls", erased("table_calls", "USER")),)


def call_queries() -> CallQueries:
    return CallQueries(CallRepository())
