"""Ports, paths and credentials of the kit: the single source for every local process, test and tool.

Standard library only, because the first command imports it before anything is installed.
Each value can be overridden by an environment variable that starts with ``ASYNCSNS_``.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
REGION = "us-east-1"
ACCOUNT = "000000000000"
#: The emulator takes these as the root user of the account.
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105
#: Pinned by the ``ms-custom-id`` tag, so that URLs survive a reset. The emulator wants 8 hex digits.
HTTP_API_ID = "a5c0de01"
WEBSOCKET_API_ID = "a5c0de02"
WEBSOCKET_STAGE = "live"

_BASE_PORTS = {
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
SERVERS = tuple(_BASE_PORTS)


def checkout_root() -> Path:
    """The folder that holds the Makefile."""
    return Path(__file__).resolve().parent.parent


def _socket(url: str) -> str:
    """The same address for WebSocket: ``http`` → ``ws``, ``https`` → ``wss``."""
    return url.replace("http", "ws", 1)


@dataclass(frozen=True)
class Settings:
    """Where everything is for one checkout; ``Settings.load()`` reads the environment."""

    root: Path = field(default_factory=checkout_root)
    port_offset: int = 0

    @classmethod
    def load(cls) -> Settings:
        """Read ``ASYNCSNS_PORT_OFFSET`` (an integer >= 0); without it, what ``make up`` remembered, else 0.

        Raises:
            ValueError: the offset is not a whole number from 0 to 50000.
        """
        raw = os.environ.get("ASYNCSNS_PORT_OFFSET") or cls().remembered().get("port_offset", "0")
        if not raw.isdigit() or int(raw) > 50_000:
            raise ValueError(f"ASYNCSNS_PORT_OFFSET: expected a whole number from 0 to 50000, got {raw!r}")
        return cls(port_offset=int(raw))

    def port(self, name: str) -> int:
        """TCP (for ``xray`` UDP) port of a local server, offset applied."""
        return _BASE_PORTS[name] + self.port_offset

    def url(self, name: str) -> str:
        """Base URL of a local server, without a trailing slash.

        Loopback unless ``ASYNCSNS_URL_<NAME>`` says otherwise: in Compose each server has a host name of its own.
        """
        return os.environ.get(f"ASYNCSNS_URL_{name.upper()}", f"http://{HOST}:{self.port(name)}").rstrip("/")

    def public_url(self, name: str) -> str:
        """Base URL of a local server as a browser or a test on this machine reaches it, without a trailing slash.

        ``localhost``, because browsers count it as a secure context; ``ASYNCSNS_PUBLIC_URL_<NAME>`` overrides it.
        """
        return os.environ.get(f"ASYNCSNS_PUBLIC_URL_{name.upper()}", f"http://localhost:{self.port(name)}").rstrip("/")

    def reach(self, url: str) -> str:
        """``url`` as this process reaches it: other than as a browser does where the servers have names of their own.

        Addresses that are not of a local server stay as they are.
        """
        for name in _BASE_PORTS:
            public, inside = self.public_url(name), self.url(name)
            for prefix, replacement in ((public, inside), (_socket(public), _socket(inside))):
                if url == prefix or url.startswith(f"{prefix}/"):
                    return replacement + url[len(prefix) :]
        return url

    @property
    def bind_host(self) -> str:
        """Address that local servers listen on: loopback, or ``ASYNCSNS_BIND_HOST`` inside a container."""
        return os.environ.get("ASYNCSNS_BIND_HOST", HOST)

    @property
    def home(self) -> Path:
        """Everything the kit writes: environments, state, logs; ``ASYNCSNS_HOME`` moves it."""
        return Path(os.environ.get("ASYNCSNS_HOME") or self.root / ".asyncsns")

    @property
    def remembered_file(self) -> Path:
        """Choices of the last ``make up``, so that later commands need no variables."""
        return self.home / "settings.json"

    def remembered(self) -> dict[str, str]:
        """Choices of the last ``make up`` (``port_offset``, ``target``); empty before the first."""
        try:
            loaded = json.loads(self.remembered_file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in loaded.items()} if isinstance(loaded, dict) else {}

    def remember(self, **choices: object) -> None:
        """Write choices for later commands; what is not named stays as it was."""
        self.home.mkdir(parents=True, exist_ok=True)
        merged = {**self.remembered(), **{key: str(value) for key, value in choices.items()}}
        temporary = self.remembered_file.with_suffix(".tmp")
        temporary.write_text(json.dumps(merged, indent=2) + "\n", "utf-8")
        temporary.replace(self.remembered_file)

    @property
    def tools(self) -> Path:
        """Virtual environment that holds only ``uv``."""
        return self.home / "tools"

    @property
    def venv(self) -> Path:
        return self.home / "venv"

    @property
    def emulator_venv(self) -> Path:
        return self.home / "venv-emulator"

    @property
    def state(self) -> Path:
        """Data of the local servers; ``ASYNCSNS_STATE`` moves it (tests give each process its own)."""
        return Path(os.environ.get("ASYNCSNS_STATE") or self.home / "state")

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def outputs_file(self) -> Path:
        """What ``cdk deploy --outputs-file`` wrote."""
        return self.home / "outputs.json"

    @property
    def endpoints_file(self) -> Path:
        """What the finish step found out; read by tests, seed, load and bench."""
        return self.home / "endpoints.json"

    def aws_environment(self) -> dict[str, str]:
        """Environment with which an AWS client of this machine talks to the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.url("emulator"),
            "AWS_ENDPOINT_URL_S3": self.url("emulator"),
            "AWS_S3_FORCE_PATH_STYLE": "1",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }
