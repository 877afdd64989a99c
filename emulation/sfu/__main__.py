"""``python -m emulation.sfu``: WHIP and WHEP in front of Janus, on the port of ``sfu``.

``EMULATION_SFU_SECRET_FILE`` names the file with the secret; in a container ``EMULATION_SFU_SECRET`` is that secret.
``EMULATION_SFU_SOCKET`` is where Janus listens.
"""

from __future__ import annotations

from emulation import starting  # isort: split

import os
from pathlib import Path

from emulation.doors import doors
from emulation.private import keep_private
from emulation.serving import serve
from emulation.settings import Settings
from emulation.sfu.app import create_app
from emulation.sfu.secret import of_janus


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings, secret = Settings(), os.environ.get("EMULATION_SFU_SECRET")
    if not secret:
        secret = Path(os.environ["EMULATION_SFU_SECRET_FILE"]).read_text("ascii").strip()
    socket = os.environ["EMULATION_SFU_SOCKET"]
    starting.done()
    serve("sfu", create_app(socket, of_janus(secret), secret, doors(settings, "sfu").origins), settings)


if __name__ == "__main__":
    main()
