"""``python -m emulation.healthy URL``: exits with 0 when its health is ``ok`` or ``starting``; for health checks."""

from __future__ import annotations

import json
import sys
import urllib.request


def main(url: str) -> int:
    """Ask once; the container's health check repeats it."""
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:  # noqa: S310 - the URL is in compose.yaml
            return 0 if json.load(answer).get("status") in ("ok", "starting") else 1
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
