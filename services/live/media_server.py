"""The media server (SFU) for live: tokens for hosts and viewers, and reads of its state.

The functions poll it, so it needs no route of the API, and a media server that is gone is handled like a host that is
gone. It keeps a broadcast's room open only while it is polled (``hold``): a twelve-hour token in a host's program is
useless once the broadcast is over, also after a restart of the media server. Claims: ``emulation/sfu/tokens.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

import urllib3

from services.common.clock import now
from services.common.errors import LiveUnavailable
from services.common.ids import derived_id
from services.common.lazy_dataclasses import dataclass
from services.common.media_tokens import signed
from services.common.observability import logger

#: A page asks for a newer token every 15 seconds.
PAGE_TOKEN_LIFETIME = timedelta(seconds=60)
#: Programs such as OBS are given one once.
PROGRAM_TOKEN_LIFETIME = timedelta(hours=12)
#: The name under which a host publishes.
FEED = "host"
_TIMEOUT = urllib3.Timeout(connect=1, read=3)


@dataclass(frozen=True)
class LivePass:
    """``url`` of WHIP or WHEP, and what to send there as ``Authorization: Bearer``."""

    url: str
    token: str
    expires: datetime


class LiveMedia(Protocol):
    """The media server, for the commands."""

    def check(self) -> None:
        """Raises: LiveUnavailable (there is none)."""

    def ingest(self, live_id: str, *, program: bool) -> LivePass: ...
    def viewing(self, live_id: str, user_id: str, session: str) -> LivePass: ...

    def hold(self, live_id: str) -> bool:
        """Keep the room open; returns whether the host's media arrive."""

    def close(self, live_id: str) -> None:
        """End all sessions of the room, and admit nobody any more."""


@dataclass
class SfuLiveMedia:
    """``url`` as browsers reach it, ``inside`` as functions do; both empty where there is no media server."""

    url: str = ""
    inside: str = ""
    secret: Callable[[], str] = str
    clock: Callable[[], datetime] = now

    def check(self) -> None:
        if not self.url:
            raise LiveUnavailable("Live broadcasts are off: this deployment has no media server.")

    def ingest(self, live_id: str, *, program: bool) -> LivePass:
        lifetime = PROGRAM_TOKEN_LIFETIME if program else PAGE_TOKEN_LIFETIME
        return self._pass("whip", live_id, lifetime, page=FEED, feed=FEED)

    def viewing(self, live_id: str, user_id: str, session: str) -> LivePass:
        """The media server knows no people: the page's name there is derived."""
        return self._pass("whep", live_id, PAGE_TOKEN_LIFETIME, page=derived_id("viewer", user_id, session))

    def hold(self, live_id: str) -> bool:
        answer = self._ask("PUT", live_id)
        return bool(answer is not None and json.loads(answer).get("sends"))

    def close(self, live_id: str) -> None:
        self._ask("DELETE", live_id)

    def _pass(self, protocol: str, live_id: str, lifetime: timedelta, **claims: str) -> LivePass:
        expires = (self.clock() + lifetime).replace(microsecond=0)
        token = self._signed(live_id, expires, held=True, **claims)
        return LivePass(f"{self.url}/{protocol}/{live_id}/{FEED}", token, expires)

    def _signed(self, live_id: str, expires: datetime, **claims: str | bool) -> str:
        return signed({"room": live_id, "exp": int(expires.timestamp()), **claims}, self.secret())

    def _ask(self, method: str, live_id: str) -> bytes | None:
        """``None``: it does not respond, so no media arrive there."""
        token = self._signed(live_id, self.clock() + PAGE_TOKEN_LIFETIME, page="app", app=True)
        headers = {"authorization": f"Bearer {token}"}
        try:
            answer = self._http.request(method, f"{self.inside}/rooms/{live_id}", headers=headers)
        except urllib3.exceptions.HTTPError as error:
            logger.warning("the media server does not answer", extra={"reason": repr(error)[:200]})
            return None
        if answer.status != 200:
            logger.warning("the media server refuses", extra={"status": answer.status})
            return None
        return bytes(answer.data)

    @cached_property
    def _http(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
