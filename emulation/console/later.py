"""Clients of the SDK that are made at their first use: SDK and clients would take a third of the console's start."""

from __future__ import annotations

import threading
from typing import Any

from emulation.settings import Settings


class Clients:
    """The emulator's clients. They share a session, whose first client reads what AWS has where: a quarter of a second.
    Each one after it takes some milliseconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        #: Two clients are not made at once, nor is the SDK imported twice.
        self._one_at_a_time = threading.Lock()
        self._session: Any = None

    def later(self, service: str, seconds: float | None = None) -> Later:
        """``seconds``: to wait for an answer, once, because somebody waits too; without, as the SDK does."""
        return Later(self, service, seconds)

    def make(self, service: str, seconds: float | None) -> Any:
        """A client of ``service``."""
        with self._one_at_a_time:
            if self._session is None:
                from emulation.console.clients import session_of

                self._session = session_of(self._settings)
            url, config = self._settings.url("emulator"), _config(seconds)
            return self._session.client(service, endpoint_url=url, config=config)


class Later:
    """Stands for the emulator's client of one service."""

    def __init__(self, clients: Clients, service: str, seconds: float | None) -> None:
        self._clients, self._service, self._seconds = clients, service, seconds
        self._lock = threading.Lock()
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._clients.make(self._service, self._seconds)
        return getattr(self._made, name)


def _config(seconds: float | None) -> Any:
    from botocore.config import Config

    if seconds is None:
        return None
    return Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1})
