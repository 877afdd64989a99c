"""``python -m local.push``: the push service on its port."""

from __future__ import annotations

import uvicorn

from local.push.app import create_app
from local.push.store import PushStore
from local.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.load()
    app = create_app(PushStore(settings.state / "push" / "push.sqlite"))
    uvicorn.run(app, host=settings.bind_host, port=settings.port("push"), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
