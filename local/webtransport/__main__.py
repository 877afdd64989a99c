"""``python -m local.webtransport``: run by the project's Python."""

from __future__ import annotations

from local.damage import stop_when_damaged
from local.private import keep_private
from local.serving import serve
from local.settings import Settings
from local.webtransport.app import create_app


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings.load()
    with stop_when_damaged("webtransport"):
        app = create_app(settings)
    serve("webtransport", app, settings)


if __name__ == "__main__":
    main()
