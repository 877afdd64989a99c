"""The WebTransport adapter's frame sender: a session server that holds the connections, asked by plain HTTP.

API Gateway has no WebTransport, so this is for servers of your own; locally ``emulation/webtransport`` is one.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import urllib3

from services.common.observability import logger
from services.realtime.frame_sender import ConnectionGone, FrameSender, SlowConsumer
from services.realtime.transport import TransportDown
from services.realtime.workers import WORKERS

#: The prefix of the name of a WebTransport device; API Gateway's connection ids have no full stop.
PREFIX = "wt."
#: The local server wants it: a web page of another site cannot send it.
_HEADERS = {"X-Asyncsns": "kit"}
_TIMEOUT = urllib3.Timeout(connect=1, read=2)


class SessionServer:
    """``FrameSender`` by ``POST`` and ``DELETE /sessions/{device}``: 204: accepted, 404: gone, 429: the device is too
    slow."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = urllib3.PoolManager(maxsize=WORKERS, timeout=_TIMEOUT, retries=False, headers=_HEADERS)

    def post(self, device: str, data: bytes) -> None:
        try:
            answer = self._http.request("POST", self._at(device), body=data)
        except urllib3.exceptions.HTTPError as error:
            raise TransportDown(f"the session server: {error}") from error
        if answer.status == 404:
            raise ConnectionGone(device)
        if answer.status in (413, 429):
            raise SlowConsumer(device)
        if answer.status != 204:
            raise TransportDown(f"the session server: expected 204, got {answer.status}")

    def disconnect(self, device: str) -> None:
        try:
            self._http.request("DELETE", self._at(device))
        except urllib3.exceptions.HTTPError as error:
            logger.info("a session could not be ended", extra={"reason": repr(error)[:200]})

    def _at(self, device: str) -> str:
        return f"{self._url}/sessions/{quote(device, safe='')}"


class ByKind:
    """``FrameSender`` that uses one sender for WebTransport devices and another for all others."""

    def __init__(self, sessions: FrameSender, sockets: Callable[[], FrameSender]) -> None:
        self._sessions = sessions
        self._sockets = sockets

    def post(self, device: str, data: bytes) -> None:
        self._of(device).post(device, data)

    def disconnect(self, device: str) -> None:
        self._of(device).disconnect(device)

    def _of(self, device: str) -> FrameSender:
        return self._sessions if device.startswith(PREFIX) else self._sockets()
