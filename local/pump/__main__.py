"""``python -m local.pump``: run by the project's Python."""

from __future__ import annotations

from local.private import keep_private
from local.pump.app import create_app
from local.serving import serve
from local.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings.load()
    serve("pump", create_app(settings), settings)


if __name__ == "__main__":
    main()
