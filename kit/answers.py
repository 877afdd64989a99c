"""The last check of `make up`: real requests through the edge, as a browser would send them."""

from __future__ import annotations

import http.client
import time
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


def status_of(settings: Settings, path: str, timeout: float = 10.0) -> int | None:
    """HTTP status of a GET at the edge; None when nothing answers."""
    edge, viewer = urlsplit(settings.url("edge")), urlsplit(settings.public_url("edge"))
    connection = http.client.HTTPConnection(edge.netloc, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": viewer.netloc, "Accept": "*/*"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
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
