"""Starts the supervisor anew when it was killed; ends when it was stopped on purpose (its record is gone)."""

from __future__ import annotations

import signal
import sys
import threading

from emulation.private import keep_private
from kit.settings import Settings
from kit.supervisor import client, records

_LOOK_SECONDS = 1.0


def main() -> int:
    keep_private()
    settings = Settings.load()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    while not stopping.wait(_LOOK_SECONDS):
        record = records.read(settings.run, client.NAME)
        if record is None:
            return 0
        if not record.is_alive():
            client.start(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
