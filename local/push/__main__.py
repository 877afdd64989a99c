"""``python -m local.push``: the push service on its port."""

from __future__ import annotations

from local.damage import stop_when_damaged
from local.private import keep_private
from local.push.app import create_app
from local.push.store import PushStore
from local.serving import serve
from local.settings import Settings


def main() -> None:
    """Serve until SIGTERM.

    Raises:
        SystemExit: the state is damaged; the log names the file.
    """
    keep_private()
    settings = Settings.load()
    with stop_when_damaged("push"):
        store = PushStore(settings.state / "push" / "push.sqlite")
    serve("push", create_app(store), settings)


if __name__ == "__main__":
    main()
