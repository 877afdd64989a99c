"""``python -m emulation.push``: the push service on its port."""

from __future__ import annotations

from emulation import starting  # isort: split

from emulation.damage import stop_when_damaged
from emulation.private import keep_private
from emulation.push.app import create_app
from emulation.push.store import PushStore
from emulation.serving import serve
from emulation.settings import Settings


def main() -> None:
    """Serve until SIGTERM.

    Raises:
        SystemExit: a newer version wrote the state; the log names the file.
    """
    keep_private()
    settings = Settings()
    with stop_when_damaged("push"):
        store = PushStore(settings.state / "push" / "push.sqlite", settings.fsync)
    starting.done()
    serve("push", create_app(store), settings)


if __name__ == "__main__":
    main()
