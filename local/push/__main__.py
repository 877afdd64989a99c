"""``python -m local.push``: the push service on its port."""

from __future__ import annotations

from local.private import keep_private
from local.push.app import create_app
from local.push.store import PushStore
from local.serving import serve
from local.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings.load()
    serve("push", create_app(PushStore(settings.state / "push" / "push.sqlite")), settings)


if __name__ == "__main__":
    main()
