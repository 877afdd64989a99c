"""One health check: GET the URL of a process within a deadline."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 3.0


def check(url: str, timeout: float = _TIMEOUT_SECONDS) -> str:
    """What the process says of itself (``ok``, ``starting``, ``degraded``), or ``down: <reason>``."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        body = answer.read(65536)
    except (OSError, http.client.HTTPException) as error:
        return f"down: {error or type(error).__name__}"
    finally:
        connection.close()
    if answer.status != 200:
        return f"down: HTTP {answer.status}"
    try:
        return str(json.loads(body).get("status", "ok"))
    except (ValueError, AttributeError):
        return "ok"


def is_up(status: str) -> bool:
    """Whether the process can serve: ``degraded`` can, ``starting`` cannot."""
    return status in ("ok", "degraded")
