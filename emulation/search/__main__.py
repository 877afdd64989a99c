"""``python -m emulation.search``: the embedded search engine on its port."""

from __future__ import annotations

from emulation.damage import stop_when_damaged
from emulation.private import keep_private
from emulation.search.app import create_app
from emulation.search.store import STORE, require_whole
from emulation.serving import serve
from emulation.settings import Settings


def main() -> None:
    """Serve until SIGTERM.

    Raises:
        SystemExit: the state is damaged; the log names the file.
    """
    keep_private()
    settings = Settings()
    home = settings.state / "search"
    with stop_when_damaged("search"):
        require_whole(home / STORE)
    serve("search", create_app(home), settings)


if __name__ == "__main__":
    main()
