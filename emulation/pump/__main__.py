"""``python -m emulation.pump``: run by the project's Python."""

from __future__ import annotations

from emulation import starting  # isort: split

from emulation.damage import stop_when_damaged
from emulation.private import keep_private
from emulation.pump import takeover
from emulation.pump.app import create_app
from emulation.pump.checkpoints import CheckpointStore
from emulation.serving import serve
from emulation.settings import Settings


def main() -> None:
    """Serve until SIGTERM.

    Raises:
        SystemExit: the state is damaged; the log names the file.
    """
    keep_private()
    settings = Settings()
    with stop_when_damaged("pump"):
        checkpoints = CheckpointStore.open(settings.state / "pump" / "checkpoints.json", settings.fsync)
        takeover.read(settings.state / "pump" / "taken-over.json")
    starting.done()
    serve("pump", create_app(settings, checkpoints), settings)


if __name__ == "__main__":
    main()
