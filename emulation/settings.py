"""Where each server of the emulation is: ports, addresses, folders, credentials. The program that starts a server sets
these.

| Variable | Meaning | Default |
|---|---|---|
| ``EMULATION_STATE`` | folder of the state, one folder below it for each server | ``.emulation/state`` |
| ``EMULATION_LOGS`` | folder of the access logs | ``.emulation/logs`` |
| ``EMULATION_PORT_OFFSET`` | added to each port of ``PORTS`` | 0 |
| ``EMULATION_PORT_<NAME>`` | port of one server | ``PORTS`` and the offset |
| ``EMULATION_BIND_HOST`` | address that servers listen on | 127.0.0.1 |
| ``EMULATION_URL_<NAME>`` | where the other servers find one | loopback and its port |
| ``EMULATION_URL_COMPANION`` | where the edge finds what the emulator lacks (LocalStack's companion) | the emulator |
| ``EMULATION_URL_FUNCTIONS`` | for a companion: whose Lambda API has the functions | the emulator has its own |
| ``EMULATION_PUBLIC_URL_<NAME>`` | where a browser on this machine finds it | ``http://localhost:`` and its port |
| ``EMULATION_ALLOWED_HOSTS`` | further host names that servers take, comma separated | none |
| ``EMULATION_ALLOWED_ORIGINS`` | further origins whose pages may call, comma separated | none |
| ``EMULATION_ACCESS_KEY_ID``, ``EMULATION_SECRET_ACCESS_KEY`` | credentials of the account's root user | test, test |
| ``EMULATION_FSYNC`` | ``yes``: what is acknowledged survives a power cut too | no |
| ``EMULATION_STRICT`` | ``yes``: what AWS refuses is refused, also where the emulation could do it | no |
| ``EMULATION_DRILLS`` | command of the drills that the console offers (``emulation/console/drills.py``) | none |
| ``EMULATION_ACCESS_LOGS`` | command that answers what the console's page of access logs asks | none |
| ``EMULATION_SAVES`` | command that lists the saved states that the console shows | none |
| ``EMULATION_REGION`` | the one region there is | us-east-1 |

Standard library only: programs import it before anything is installed.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulation.signature import Credentials

HOST = "127.0.0.1"
REGION = os.environ.get("EMULATION_REGION", "us-east-1")
ACCOUNT = "000000000000"
#: The root user's of the account, as this ecosystem's tools expect them (``awslocal``, ``cdklocal``, SDK samples).
DEFAULT_CREDENTIALS = Credentials("test", "test")

PORTS = {
    "edge": 8080,
    "edge_tls": 8443,
    "gateway": 8081,
    "console": 8082,
    "push": 8083,
    "pump": 8084,
    "webtransport": 8085,
    "sfu": 8086,
    "ui": 8087,
    "emulator": 4566,
    "companion": 4567,
    "localstack": 4568,
    "search": 9200,
    "search_node": 9202,
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

    @property
    def fsync(self) -> bool:
        """Raises ValueError: neither yes nor no."""
        return self._chosen("FSYNC")

    @property
    def strict(self) -> bool:
        """Raises ValueError: neither yes nor no."""
        return self._chosen("STRICT")

    def _chosen(self, name: str) -> bool:
        value = self._read(name, "no").lower()
        if value not in ("yes", "no"):
            raise ValueError(f"EMULATION_{name}: expected yes or no, got {value!r}")
        return value == "yes"

    def port(self, name: str) -> int:
        """TCP (for ``xray`` UDP) port of a server.

        Raises:
            ValueError: a variable is not a whole number.
        """
        return self._number(f"PORT_{name.upper()}", PORTS[name] + self._number("PORT_OFFSET", 0))

    def url(self, name: str) -> str:
        """Base URL of a server as the others reach it, without a trailing slash."""
        return self._read(f"URL_{name.upper()}", f"http://{HOST}:{self.port(name)}").rstrip("/")

    @property
    def companion_url(self) -> str:
        """Where Cognito, HTTP and WebSocket APIs and CloudFront are: the emulator, unless it lacks them."""
        return self._read("URL_COMPANION", self.url("emulator")).rstrip("/")

    @property
    def functions_url(self) -> str:
        """Lambda API that has the functions of a companion; empty where the emulator has its own."""
        return self._read("URL_FUNCTIONS").rstrip("/")

    def public_url(self, name: str) -> str:
        """Base URL of a server as a browser on this machine reaches it, without a trailing slash.

        ``localhost``, because browsers count it as a secure context.
        """
        return self._read(f"PUBLIC_URL_{name.upper()}", f"http://localhost:{self.port(name)}").rstrip("/")

    @property
    def credentials(self) -> Credentials:
        """Credentials of the account's root user."""
        return Credentials(
            self._read("ACCESS_KEY_ID", DEFAULT_CREDENTIALS.access_key_id),
            self._read("SECRET_ACCESS_KEY", DEFAULT_CREDENTIALS.secret_access_key),
        )

    @property
    def drills(self) -> tuple[str, ...]:
        """Command of the drills, empty without one.

        Raises:
            ValueError: a quotation mark is not closed.
        """
        return self._command("DRILLS")

    @property
    def access_logs(self) -> tuple[str, ...]:
        """Command that asks the access logs, empty without one.

        Raises:
            ValueError: a quotation mark is not closed.
        """
        return self._command("ACCESS_LOGS")

    @property
    def saves(self) -> tuple[str, ...]:
        """Command that lists saved states, empty without one.

        Raises:
            ValueError: a quotation mark is not closed.
        """
        return self._command("SAVES")

    def _command(self, name: str) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(self._read(name)))
        except ValueError as error:
            raise ValueError(f"EMULATION_{name}: expected a command as a shell reads it, got {error}") from error

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
