"""What the Query function reads of calls."""

from __future__ import annotations

from services.calls import ice, model
from services.calls.model import Call
from services.calls.repository import CallRepository
from services.calls.resources import IceServer
from services.calls.settings import IceSettings
from services.common.clock import now


class CallQueries:
    """Calls as one of their parties sees them."""

    def __init__(self, calls: CallRepository, settings: IceSettings) -> None:
        self._calls, self._settings = calls, settings

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
        found = self._settings
        return ice.ice_servers(user_id, now(), stun=found.stun_urls, turn=found.turn_urls, secret=found.turn_secret)
