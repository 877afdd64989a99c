"""The emulator's meter, and a wait until no function runs."""

from __future__ import annotations

import time
from typing import Any

import httpx

from emulation.guard import HELPER_HEADERS
from kit.client.api import wait_for
from kit.settings import Settings


class Meter:
    """``/_asyncsns/meter`` of the running stack."""

    def __init__(self, quiet_seconds: float = 2.0) -> None:
        self._quiet_seconds = quiet_seconds
        self._url = f"{Settings.load().url('emulator')}/_asyncsns/meter"

    def begin(self, traced: float | None = None) -> None:
        """Count from zero; ``traced``: the share of what no header decides about that is traced meanwhile."""
        self._ask("PUT", {} if traced is None else {"traced": str(traced)})

    def end(self) -> dict[str, Any]:
        """What was counted."""
        return self._ask("DELETE")

    def wait_until_quiet(self) -> None:
        """The sweeper of due posts runs every minute, so calls of one function alone are quiet enough."""
        seen, since = -1, time.monotonic()

        def quiet() -> bool:
            nonlocal seen, since
            now = sum(count for name, count in self._ask("GET")["calls"].items() if "sweeper" not in name)
            if now != seen:
                seen, since = now, time.monotonic()
            return time.monotonic() - since > self._quiet_seconds

        wait_for(quiet, until=bool, what="the stack to be quiet", seconds=120)

    def _ask(self, method: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        answer = httpx.request(method, self._url, params=query, headers=HELPER_HEADERS, timeout=60)
        answer.raise_for_status()
        return dict(answer.json())
