"""Reads of calls, and the requests of a page when it connects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.calls import ice, model
from services.calls.model import Call
from services.calls.repository import CallRepository
from services.calls.resources import CallAndOther, CallPage, CurrentCall, IceServers, ListedCall, to_resource
from services.calls.room_resources import group_call_resource
from services.calls.rooms import GroupCall
from services.calls.settings import IceSettings
from services.calls.states import LIVE
from services.common.clock import now
from services.common.cursors import decode, page_of
from services.common.held_secret import held_secret
from services.common.people import People, Person, author_of

_SCOPE = "calls"


class CallQueries:
    """Calls as one of their parties sees them: a timed-out call is over, even if that is not stored yet."""

    def __init__(self, calls: CallRepository, people: People, clock: Callable[[], datetime] = now) -> None:
        self._calls, self._people, self._clock = calls, people, clock

    def call(self, user_id: str, call_id: str) -> Call:
        """Raises ``NotFound`` when there is none or the reader is no party."""
        model.check_call_id(call_id)
        call = self._calls.get(call_id)
        if call is None:
            raise model.no_call(call_id)
        call.role_of(user_id)
        return self._as_it_is(call)

    def current(self, user_id: str) -> CurrentCall:
        """The person's ringing or running call, on any device."""
        call = self._calls.current(user_id).call
        if call is None or self._as_it_is(call).state not in LIVE:
            return {"current": None}
        return {"current": self._with_other(user_id, call, self._people.find([call.other(user_id)]))}

    def history(self, user_id: str, cursor: str | None, limit: int) -> CallPage:
        """Raises ``InvalidCursor``: not a cursor of this list."""
        at = decode(cursor, _SCOPE)
        rows = self._calls.history(user_id, at, limit)
        page = page_of(rows, scope=_SCOPE, cursor=at, limit=limit, key=lambda row: row[0])
        calls = [call for _, call in page.items]
        people = self._people.find({one for call in calls for one in _named_in(call, user_id)})
        items = [self._listed(user_id, call, people) for call in calls]
        return {"items": items, "older": page.older, "newer": page.newer}

    def _listed(self, user_id: str, call: Call | GroupCall, people: dict[str, Person]) -> ListedCall:
        if isinstance(call, GroupCall):
            return {"call": None, "other": None, "group": group_call_resource(call, people, self._clock())}
        told = self._with_other(user_id, self._as_it_is(call), people)
        return {"call": told["call"], "other": told["other"], "group": None}

    def _as_it_is(self, call: Call) -> Call:
        return call.due(self._clock()) or call

    @staticmethod
    def _with_other(user_id: str, call: Call, people: dict[str, Person]) -> CallAndOther:
        return {"call": to_resource(call), "other": author_of(people, call.other(user_id))}


def _named_in(call: Call | GroupCall, reader: str) -> set[str]:
    if isinstance(call, Call):
        return {call.other(reader)}
    return {call.started_by, *(one.user_id for one in call.attendances)}


class IceQueries:
    """ICE servers for browsers."""

    def __init__(self, settings: IceSettings) -> None:
        self._settings = settings

    def ice_servers(self, user_id: str) -> IceServers:
        """STUN and TURN servers for the caller's next call, or for one that runs; empty when none are configured."""
        found, secret = self._settings, held_secret(self._settings.turn_secret_name).read()
        return ice.ice_servers(user_id, now(), stun=found.stun_urls, turn=found.turn_urls, secret=secret)
