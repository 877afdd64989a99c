"""The mails that Cognito would have sent. What was read is kept: the emulator is asked for later ones only."""

from __future__ import annotations

import threading
from typing import Any, Final

import httpx

#: As many as the emulator keeps over a restart.
KEPT: Final = 200


class Mails:
    """Safe to use from several threads, of which one asks at a time."""

    def __init__(self, http: httpx.Client) -> None:
        """``http``: at the emulator (``emulation/emulator/mailbox.py``)."""
        self._http = http
        self._lock = threading.Lock()
        self._known: list[dict[str, Any]] = []

    def newest(self) -> list[dict[str, Any]]:
        """Newest first: ``{id, to, subject, body, at}``, ``at`` in epoch seconds."""
        with self._lock:
            answer = self._http.get("/_asyncsns/mails", params={"after": self._known[0]["id"] if self._known else ""})
            answer.raise_for_status()
            found = answer.json()
            fresh = [{**mail, "to": ", ".join(mail["to"])} for mail in found["mails"]]
            # An emulator that does not know the mail has started without it: all that was kept is gone.
            self._known = [*fresh, *(self._known if found["known"] else ())][:KEPT]
            return self._known
