"""Janus beside the network: ``make up SFU=yes`` (https://janus.conf.meetecho.com, Debian's package).

This module is also the process that the supervisor starts: it writes Janus's configuration and becomes Janus. Janus
accepts requests only on a Unix socket, from ``emulation/sfu``, with a secret of its own; its admin API and all unused
plugins and transports are off.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from emulation.private import keep_private
from emulation.settings import HOST
from emulation.sfu.secret import SOCKET, of_janus
from kit.settings import Settings, yes_or_no
from kit.shared_secret import made_once, write_private

PROGRAM = "janus"
#: Where Debian puts it, by architecture; the one below it is that of a build from source.
_LIBRARIES = (*sorted(Path("/usr/lib").glob("*/janus")), Path("/usr/lib/janus"), Path("/opt/janus/lib/janus"))
_NEEDED = ("libjanus_videoroom.so", "libjanus_websockets.so")
#: The longest path of a Unix socket (unix(7), ``sun_path``), without the zero at its end.
_SOCKET_PATH = 107

#: https://janus.conf.meetecho.com/docs/ (``janus.jcfg``). Media go by UDP ports that the system chooses, on the
#: machine's own addresses: Janus leaves loopback out. Without a session's ICE password nobody is answered there.
_MAIN = """\
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{libraries}/plugins"
  transports_folder = "{libraries}/transports"
  events_folder = "{libraries}/events"
  loggers_folder = "{libraries}/loggers"
  interface = "{host}"
  server_name = "asyncsns"
  api_secret = "{secret}"
  debug_level = 3
  debug_colors = false
  debug_timestamps = true
  session_timeout = 60
  hide_dependencies = true
}}
media: {{
  ipv6 = false
  no_media_timer = 5
}}
nat: {{
  ice_ignore_list = "vmnet,docker,veth"
}}
plugins: {{
  disable = "{plugins}"
}}
transports: {{
  disable = "{transports}"
}}
events: {{
  broadcast = false
}}
"""
_WEBSOCKETS = """\
general: {{
  ws = true
  ws_unix = "{socket}"
  wss = false
}}
admin: {{
  admin_ws = false
  admin_wss = false
}}
"""
_VIDEOROOM = """\
general: {
  string_ids = true
}
"""


def is_wanted(settings: Settings, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether group calls may go through a media server: ``SFU``, else the value of the last ``make up``.

    Raises:
        ValueError: ``SFU`` is neither ``yes`` nor ``no``.
    """
    return choice(settings, environ) == "yes"


def choice(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """``yes`` or ``no``. Raises ``ValueError`` as ``is_wanted``."""
    return yes_or_no("SFU", environ.get("SFU") or settings.remembered().get("sfu", "no"))


def problem(settings: Settings) -> str | None:
    """What is missing for ``SFU=yes``, and how to get it."""
    without = "`make up SFU=no` goes on without a media server, with group calls of up to four"
    if not shutil.which(PROGRAM) or libraries() is None:
        return f"SFU=yes needs Janus and its videoroom plugin, and they are not here: apt-get install janus; {without}"
    if len(path := str(socket(settings))) > _SOCKET_PATH:
        return f"SFU=yes needs a path of up to {_SOCKET_PATH} characters for Janus's socket, got {path}; {without}"
    return None


def libraries() -> Path | None:
    """The folders of Janus's plugins and transports."""
    needed = [Path(part) / name for part, name in zip(("plugins", "transports"), _NEEDED, strict=True)]
    return next((one for one in _LIBRARIES if all((one / name).exists() for name in needed)), None)


def socket(settings: Settings) -> Path:
    """Where Janus listens."""
    return settings.run / "janus" / SOCKET


def url(settings: Settings) -> str:
    """The base URL of WHIP and WHEP for browsers."""
    return settings.public_url("sfu")


def secret(settings: Settings) -> str:
    """The secret with which the functions sign tokens. In a container of Compose it is ``ASYNCSNS_SFU_SECRET``, which
    the kit on the host has set.
    """
    if given := os.environ.get("ASYNCSNS_SFU_SECRET"):
        return given
    return made_once(secret_file(settings))


def secret_file(settings: Settings) -> Path:
    return settings.home / "keys" / "sfu-secret"


def configuration(shared: str, folder: Path, found: Path) -> dict[str, str]:
    """Janus's files: name → text. ``found``: its libraries."""

    def others(part: str) -> str:
        return ",".join(sorted(one.name for one in (found / part).glob("*.so") if one.name not in _NEEDED))

    main = _MAIN.format(
        folder=folder, libraries=found, host=HOST, secret=of_janus(shared),
        plugins=others("plugins"), transports=others("transports"),
    )  # fmt: skip
    return {
        "janus.jcfg": main,
        "janus.transport.websockets.jcfg": _WEBSOCKETS.format(socket=folder / SOCKET),
        "janus.plugin.videoroom.jcfg": _VIDEOROOM,
    }


def main() -> None:
    """Become Janus."""
    keep_private()
    settings = Settings.load()
    found = libraries()
    if (missing := problem(settings)) or found is None:
        sys.exit(missing)
    folder = socket(settings).parent
    for name, text in configuration(secret(settings), folder, found).items():
        write_private(folder / name, text)
    # Janus does not take the place of a socket that a killed one left behind.
    socket(settings).unlink(missing_ok=True)
    os.execvp(PROGRAM, [PROGRAM, "-F", str(folder)])  # noqa: S606


if __name__ == "__main__":
    main()
