"""``python -m emulation.search``: the embedded search engine on its port."""

from __future__ import annotations

from emulation import starting  # isort: split

from typing import Any

from emulation.damage import stop_when_damaged
from emulation.private import keep_private
from emulation.search.app import create_app
from emulation.search.mending import make_whole
from emulation.search.store import STORE
from emulation.serving import serve
from emulation.settings import Settings


def main() -> None:
    """Serve until SIGTERM.

    Raises:
        SystemExit: a newer version wrote the state; the log names the file.
    """
    keep_private()
    settings = Settings()
    home = settings.state / "search"
    with stop_when_damaged("search"):
        make_whole(home / STORE)
    app: Any = create_app(home)
    if settings.strict:
        from emulation.search.signed import Signed  # its HTTP client takes a tenth of a second

        app = Signed(app, settings.url("emulator"))
    starting.done()
    serve("search", app, settings)


if __name__ == "__main__":
    main()
