"""The edge's log on standard output: one JSON object per line."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

#: uvicorn says this of every handshake that was refused with an HTTP response, which is no error.
_NOISE = "ASGI callable returned without completing handshake."


def log(event: str, **details: Any) -> None:
    """Write one line."""
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "service": "edge", "event": event, **details}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class _Lines(logging.Handler):
    """Log records of libraries in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        details: dict[str, Any] = {"logger": record.name, "level": record.levelname, "text": record.getMessage()}
        if record.exc_info:
            details["exception"] = logging.Formatter().formatException(record.exc_info)
        log("log", **details)


def route_library_logs() -> None:
    """Warnings and errors of uvicorn, websockets and asyncio go through `log`."""
    handler = _Lines(logging.WARNING)
    handler.addFilter(lambda record: record.getMessage() != _NOISE)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
