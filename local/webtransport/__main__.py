"""``python -m local.webtransport``: run by the project's Python."""

from __future__ import annotations

from local.private import keep_private
from local.serving import serve
from local.settings import Settings
from local.webtransport.app import create_app


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings.load()
    serve("webtransport", create_app(settings), settings)


if __name__ == "__main__":
    main()
