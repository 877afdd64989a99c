"""The last check of `make up`: real requests through the edge, as a browser would send them."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from kit import shell
from kit.settings import Settings
from kit.steps import StepFailed

_WAIT_SECONDS = 60.0
#: Path at the edge -> what it proves.
PATHS = {
    "/": "the UI in its bucket, through CloudFront",
    "/config.json": "what the finish step wrote",
    "/v1/status": "API Gateway and the Query Lambda",
}


def is_deployed(settings: Settings) -> bool:
    """Whether the API and the distribution exist, once the edge has read what the emulator holds.

    No function is invoked: the first invocation after a start is slow, which says nothing about what exists.

    Raises:
        StepFailed: the edge has not read it within a minute.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    while (health := _health(settings)).get("status") != "ok":
        shell.check_stopping()
        if time.monotonic() > deadline:
            said = health.get("status", "no answer")
            raise StepFailed(f"GET {settings.url('edge')}/_health: expected the status ok, got {said}")
        time.sleep(0.1)
    return bool(health["apis"] and health["distributions"])


def _health(settings: Settings) -> dict[str, Any]:
    status, body = _get(settings, "/_health", 10.0)
    try:
        return dict(json.loads(body)) if status == 200 else {}
    except ValueError:
        return {}


def status_of(settings: Settings, path: str, timeout: float = 10.0) -> int | None:
    """HTTP status of a GET at the edge; None when nothing answers."""
    return _get(settings, path, timeout)[0]


def _get(settings: Settings, path: str, timeout: float) -> tuple[int | None, bytes]:
    edge, viewer = urlsplit(settings.url("edge")), urlsplit(settings.public_url("edge"))
    connection = http.client.HTTPConnection(edge.netloc, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": viewer.netloc, "Accept": "*/*"})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return None, b""
    finally:
        connection.close()


def wait_for_answers(settings: Settings) -> str | None:
    """Poll until each path answers 200.

    Raises:
        StepFailed: one did not in time; names the path and what it stands for.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    for path, proves in PATHS.items():
        while (status := status_of(settings, path)) != 200:
            shell.check_stopping()
            if time.monotonic() > deadline:
                raise StepFailed(
                    f"GET {settings.url('edge')}{path} ({proves}): expected 200, got {status or 'no answer'}"
                )
            time.sleep(0.1)
    return None
