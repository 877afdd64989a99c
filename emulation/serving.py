"""How a server runs: one ASGI application on one port, its log as JSON lines, a clean stop on SIGTERM."""

from __future__ import annotations

from typing import Any

import uvicorn

from emulation.doors import doors
from emulation.guard import Guard
from emulation.listening import PatientProtocol
from emulation.logs import log_as_json
from emulation.settings import Settings


def serve(name: str, application: Any, settings: Settings) -> None:
    """Serve until SIGTERM, guarded, on the port that the settings give the process of this name."""
    log_as_json(name)
    uvicorn.run(
        Guard(application, doors(settings, name)),
        host=settings.bind_host,
        port=settings.port(name),
        http=PatientProtocol,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=3,
    )
