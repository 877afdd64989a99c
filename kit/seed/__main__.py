"""``python -m kit.seed``: fill a fresh network, safe to run twice."""

from __future__ import annotations

import sys
import time

from emulation.private import keep_private
from kit import locks
from kit.client import Accounts, Endpoints, Problem
from kit.seed.network import Seeder
from kit.settings import Settings


def main() -> int:
    keep_private()
    begun = time.monotonic()
    settings = Settings.load()
    try:
        with locks.exclusive(settings.root, "make seed"):
            endpoints = Endpoints.load()
            seeder = Seeder(endpoints, Accounts(endpoints))
            counts = seeder.run()
            seeder.write_logins(settings.endpoints_file)
    except (FileNotFoundError, locks.Busy, Problem, RuntimeError, TimeoutError) as error:
        print(f"seed: {error}", file=sys.stderr)
        return 1
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"{said} in {time.monotonic() - begun:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
