"""``python -m local.search``: the embedded search engine on its port of the kit.

``ASYNCSNS_SEARCH_PORT`` and ``ASYNCSNS_SEARCH_HOME`` override port and state folder (tests start their own).
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import uvicorn

from local.search.app import create_app
from local.settings import Settings


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "service": "search",
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def main() -> None:
    settings = Settings.load()
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    home = Path(os.environ.get("ASYNCSNS_SEARCH_HOME", settings.state / "search"))
    port = int(os.environ.get("ASYNCSNS_SEARCH_PORT", settings.port("search")))
    uvicorn.run(create_app(home), host=settings.bind_host, port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
