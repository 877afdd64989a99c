"""What the Query function reads of calls."""

from __future__ import annotations

from services.calls import ice, model
from services.calls.model import Call
from services.calls.repository import CallRepository
from services.calls.resources import IceServer
from services.common.clock import now
from services.common.settings import settings


class CallQueries:
    """Calls as one of their parties sees them."""

    def __init__(self, calls: CallRepository) -> None:
        self._calls = calls

    def call(self, user_id: str, call_id: str) -> Call:
        """Raises ``NotFound`` when there is none or the reader is no party."""
        model.check_call_id(call_id)
        call = self._calls.get(call_id)
        if call is None:
            raise model.no_call(call_id)
        call.role_of(user_id)
        return call

    def ice_servers(self, user_id: str) -> list[IceServer]:
        """STUN and TURN servers for one's next call; empty when none are configured."""
        found = settings()
        return ice.ice_servers(
            user_id, now(), stun=found.listed("stun_urls"), turn=found.listed("turn_urls"), secret=found.turn_secret
        )
