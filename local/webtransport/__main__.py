"""``python -m local.webtransport``: run by the project's Python."""

from __future__ import annotations

import logging
import sys

import uvicorn

from local.emulator.logs import JsonLines
from local.settings import Settings
from local.webtransport.app import create_app


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.load()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines("webtransport"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("asyncsns").setLevel(logging.INFO)
    uvicorn.run(
        create_app(settings),
        host=settings.bind_host,
        port=settings.port("webtransport"),
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
