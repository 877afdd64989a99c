"""Starts the supervisor again when it was killed; ends when it was stopped on purpose (its record is gone)."""

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
            if not records.record_file(settings.run, client.NAME).exists():
                return 0
            continue  # damaged: it says nothing
        if not record.is_alive():
            client.start(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
