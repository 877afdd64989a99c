"""``python -m emulation.webtransport``: run by the project's Python."""

from __future__ import annotations

from emulation import starting  # isort: split

from emulation.damage import stop_when_damaged
from emulation.private import keep_private
from emulation.serving import serve
from emulation.settings import Settings
from emulation.webtransport.app import create_app


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings()
    with stop_when_damaged("webtransport"):
        app = create_app(settings)
    starting.done()
    serve("webtransport", app, settings)


if __name__ == "__main__":
    main()
