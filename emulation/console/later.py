"""A client of the SDK that is made at its first use: SDK and clients would take a third of the console's start."""

from __future__ import annotations

import threading
from typing import Any

from emulation.settings import Settings

#: Two clients of one kind are not made at once, nor is the SDK imported twice.
_one_at_a_time = threading.Lock()


class Later:
    """Stands for the emulator's client of one service."""

    def __init__(self, settings: Settings, service: str) -> None:
        self._settings, self._service = settings, service
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client(), name)

    def _client(self) -> Any:
        with _one_at_a_time:
            if self._made is None:
                from emulation.console.clients import session_of

                session: Any = session_of(self._settings)
                self._made = session.client(self._service, endpoint_url=self._settings.url("emulator"))
            return self._made
