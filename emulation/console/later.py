"""A client of the SDK that is made at its first use: SDK and clients would take a third of the console's start."""

from __future__ import annotations

import threading
from typing import Any

from emulation.settings import Settings

#: Two clients of one kind are not made at once, nor is the SDK imported twice.
_one_at_a_time = threading.Lock()


class Later:
    """Stands for the emulator's client of one service."""

    def __init__(self, settings: Settings, service: str, seconds: float | None = None) -> None:
        """``seconds``: to wait for an answer, once, because somebody waits too; without, as the SDK does."""
        self._settings, self._service, self._seconds = settings, service, seconds
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client(), name)

    def _client(self) -> Any:
        with _one_at_a_time:
            if self._made is None:
                from emulation.console.clients import session_of

                session: Any = session_of(self._settings)
                url, config = self._settings.url("emulator"), self._config()
                self._made = session.client(self._service, endpoint_url=url, config=config)
            return self._made

    def _config(self) -> Any:
        from botocore.config import Config

        if self._seconds is None:
            return None
        return Config(
            connect_timeout=self._seconds, read_timeout=self._seconds, retries={"total_max_attempts": 1}
        )  # fmt: skip
