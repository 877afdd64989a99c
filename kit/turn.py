"""coturn beside the network: ``make up TURN=yes`` (https://github.com/coturn/coturn, Debian's package).

This module is also the process that the supervisor starts: it writes coturn's configuration and becomes coturn. The
secret is made once, outside the emulator's state, and handed to the functions as a secret of Secrets Manager.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from emulation.private import keep_private
from emulation.settings import HOST
from kit.settings import Settings, yes_or_no
from kit.shared_secret import made_once, write_private

PROGRAM = "turnserver"
REALM = "asyncsns"

#: coturn's options are those of ``man turnserver``. Relays on loopback may be reached, and nothing else: a relay must
#: not be a way into the network that this machine is in.
_CONFIGURATION = """\
realm={realm}
listening-ip={listen}
listening-port={port}
use-auth-secret
static-auth-secret={secret}
fingerprint
stale-nonce=600
no-cli
no-tls
no-dtls
no-tcp-relay
no-multicast-peers
user-quota=16
total-quota=400
userdb={folder}/turndb
pidfile={folder}/turnserver.pid
log-file=stdout
simple-log
new-log-timestamp
{peers}
"""
_LOOPBACK_PEERS = """\
relay-ip={listen}
allow-loopback-peers
allowed-peer-ip=127.0.0.1
denied-peer-ip=0.0.0.0-255.255.255.255
denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"""


def is_wanted(settings: Settings, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether calls get a TURN server: ``TURN``, else the value of the last ``make up``.

    Raises:
        ValueError: ``TURN`` is neither ``yes`` nor ``no``.
    """
    return choice(settings, environ) == "yes"


def choice(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """``yes`` or ``no``. Raises ``ValueError`` as ``is_wanted``."""
    return yes_or_no("TURN", environ.get("TURN") or settings.remembered().get("turn", "no"))


def problem() -> str | None:
    """What is missing for ``TURN=yes``, and how to get it."""
    if shutil.which(PROGRAM):
        return None
    return (
        f"TURN=yes needs coturn and `{PROGRAM}` is not on the PATH: apt-get install coturn, or brew install coturn; "
        "`make up TURN=no` goes on without a TURN server"
    )


def urls(settings: Settings) -> str:
    """``TURN_URLS`` of this checkout: over UDP, and over TCP for networks that let no UDP out."""
    address = f"{HOST}:{settings.port('turn')}"
    return ",".join(f"turn:{address}?transport={protocol}" for protocol in ("udp", "tcp"))


def secret(settings: Settings) -> str:
    """The secret that coturn and the functions share. In a container of Compose it is ``ASYNCSNS_TURN_SECRET``, which
    the kit on the host has set.
    """
    if given := os.environ.get("ASYNCSNS_TURN_SECRET"):
        return given
    return made_once(secret_file(settings))


def secret_file(settings: Settings) -> Path:
    return settings.home / "keys" / "turn-secret"


def configuration(shared: str, folder: Path, port: int, listen: str = HOST) -> str:
    """coturn's configuration. ``listen`` other than loopback is for a container, whose published port is loopback."""
    peers = _LOOPBACK_PEERS.format(listen=listen) if listen == HOST else ""
    return _CONFIGURATION.format(
        realm=REALM, listen=listen, port=port, secret=shared, folder=folder, peers=peers
    )  # fmt: skip


def write_configuration(settings: Settings, text: str) -> Path:
    """The file is readable for its owner alone, because it holds the secret."""
    return write_private(settings.state / "turn" / "turnserver.conf", text)


def main() -> None:
    """Become coturn."""
    keep_private()
    if missing := problem():
        sys.exit(missing)
    settings = Settings.load()
    text = configuration(secret(settings), settings.state / "turn", settings.port("turn"))
    os.execvp(PROGRAM, [PROGRAM, "-c", str(write_configuration(settings, text))])  # noqa: S606


if __name__ == "__main__":
    main()
