"""What other contexts may use of calls."""

from __future__ import annotations

from services.calls.queries import get_call, ice_servers
from services.common.personal_data import Step, erased

ERASURE = (Step("calls", erased("table_calls", "USER")),)

__all__ = ["ERASURE", "get_call", "ice_servers"]
