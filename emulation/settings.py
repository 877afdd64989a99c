"""Where each server of the emulation is: ports, addresses, folders, credentials. Whoever starts a server sets these.

| Variable | Meaning | Default |
|---|---|---|
| ``EMULATION_STATE`` | folder of the state, one folder below it for each server | ``.emulation/state`` |
| ``EMULATION_LOGS`` | folder of the access logs | ``.emulation/logs`` |
| ``EMULATION_PORT_OFFSET`` | added to each port of ``PORTS`` | 0 |
| ``EMULATION_PORT_<NAME>`` | port of one server | ``PORTS`` and the offset |
| ``EMULATION_BIND_HOST`` | address that servers listen on | 127.0.0.1 |
| ``EMULATION_URL_<NAME>`` | where the other servers find one | loopback and its port |
| ``EMULATION_PUBLIC_URL_<NAME>`` | where a browser on this machine finds it | ``http://localhost:`` and its port |
| ``EMULATION_ALLOWED_HOSTS`` | further host names that servers take, comma separated | none |
| ``EMULATION_ALLOWED_ORIGINS`` | further origins whose pages may call, comma separated | none |
| ``EMULATION_REGION`` | the one region there is | us-east-1 |

Standard library only: programs import it before anything is installed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
REGION = os.environ.get("EMULATION_REGION", "us-east-1")
ACCOUNT = "000000000000"
#: The emulator takes these as the root user of the account.
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105

PORTS = {
    "edge": 8080,
    "edge_tls": 8443,
    "gateway": 8081,
    "console": 8082,
    "push": 8083,
    "pump": 8084,
    "webtransport": 8085,
    "emulator": 4566,
    "search": 9200,
    "xray": 2000,
}
#: Names for ``Settings.port`` and ``Settings.url``.
SERVERS = tuple(PORTS)


@dataclass(frozen=True)
class Settings:
    """The variables above, as the environment was when this was made."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def _read(self, name: str, default: str = "") -> str:
        return self.environ.get(f"EMULATION_{name}") or default

    def _number(self, name: str, default: int) -> int:
        raw = self._read(name, str(default))
        if not raw.isdigit():
            raise ValueError(f"EMULATION_{name}: expected a whole number from 0, got {raw!r}")
        return int(raw)

    def _listed(self, name: str) -> frozenset[str]:
        return frozenset(one.strip().lower().rstrip("/") for one in self._read(name).split(",") if one.strip())

    def port(self, name: str) -> int:
        """TCP (for ``xray`` UDP) port of a server.

        Raises:
            ValueError: a variable is not a whole number.
        """
        return self._number(f"PORT_{name.upper()}", PORTS[name] + self._number("PORT_OFFSET", 0))

    def url(self, name: str) -> str:
        """Base URL of a server as the others reach it, without a trailing slash."""
        return self._read(f"URL_{name.upper()}", f"http://{HOST}:{self.port(name)}").rstrip("/")

    def public_url(self, name: str) -> str:
        """Base URL of a server as a browser on this machine reaches it, without a trailing slash.

        ``localhost``, because browsers count it as a secure context.
        """
        return self._read(f"PUBLIC_URL_{name.upper()}", f"http://localhost:{self.port(name)}").rstrip("/")

    @property
    def bind_host(self) -> str:
        """Address that servers listen on; other than loopback only inside a container."""
        return self._read("BIND_HOST", HOST)

    @property
    def state(self) -> Path:
        return Path(self._read("STATE", ".emulation/state")).absolute()

    @property
    def logs(self) -> Path:
        return Path(self._read("LOGS", ".emulation/logs")).absolute()

    @property
    def allowed_hosts(self) -> frozenset[str]:
        return self._listed("ALLOWED_HOSTS")

    @property
    def allowed_origins(self) -> frozenset[str]:
        return self._listed("ALLOWED_ORIGINS")
