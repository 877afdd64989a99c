"""The checkout's layout and choices, and the environment of the servers of ``emulation/``.

Standard library only, because the first command imports it before anything is installed.
Each value can be overridden by an environment variable that starts with ``ASYNCSNS_``; docs/settings.md lists them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from emulation.settings import HOST, REGION, SERVERS
from emulation.settings import Settings as EmulationSettings
from kit import credentials

#: ``ASYNCSNS_`` + name is handed to the servers as ``EMULATION_`` + name. The latter wins where both are set.
HANDED_ON = (
    "BIND_HOST",
    *(f"{kind}_{server.upper()}" for kind in ("URL", "PUBLIC_URL") for server in SERVERS),
    "LAMBDA_CONCURRENCY",
    "LAMBDA_IDLE_SECONDS",
    "LOG_EVENTS",
    "METRIC_POINTS",
    "SNAPSHOT_SECONDS",
    "EMULATOR_LOG_LEVEL",
    "FSYNC",
    "STRICT",
    "TRACE_SHARE",
    "WAF_EXEMPT",
)
#: Addresses of servers as functions see them, which the servers then let in.
_SEEN_BY_FUNCTIONS = ("ASYNCSNS_LAMBDA_EMULATOR_URL", "ASYNCSNS_LAMBDA_OPENSEARCH_URL")
_CREDENTIALS = ("EMULATION_ACCESS_KEY_ID", "EMULATION_SECRET_ACCESS_KEY")
#: Port of `npm run dev` (``frontend-static/vite.config.ts``), without the offset.
VITE_PORT = 5173
#: ``EMULATOR``: MiniStack in a process of ours, or LocalStack with MiniStack beside it for what it lacks.
MINISTACK, LOCALSTACK = "ministack", "localstack"
#: Of coturn, UDP and TCP (RFC 8656, section 18.2), without the offset.
TURN_PORT = 3478


def checkout_root() -> Path:
    """The folder that holds the Makefile."""
    return Path(__file__).resolve().parent.parent


def _socket(url: str) -> str:
    """The same address for WebSocket: ``http`` → ``ws``, ``https`` → ``wss``."""
    return url.replace("http", "ws", 1)


@dataclass(frozen=True)
class Settings:
    """Paths, ports and choices of one checkout; ``Settings.load()`` reads the environment."""

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

    def emulation_environment(self) -> dict[str, str]:
        """What the servers of ``emulation/`` read: variables of the user, then the checkout's own."""
        environ = {f"EMULATION_{name}": os.environ.get(f"ASYNCSNS_{name}", "") for name in HANDED_ON}
        if own := credentials.read(self.credentials_file):
            environ |= dict(zip(_CREDENTIALS, own, strict=True))
        environ |= {name: value for name, value in os.environ.items() if name.startswith("EMULATION_")}
        functions = [urlsplit(os.environ.get(name, "")).hostname or "" for name in _SEEN_BY_FUNCTIONS]
        pages = [f"http://{host}:{VITE_PORT + self.port_offset}" for host in ("localhost", HOST)]
        environ |= {
            "EMULATION_ALLOWED_HOSTS": _joined("ALLOWED_HOSTS", functions),
            "EMULATION_ALLOWED_ORIGINS": _joined("ALLOWED_ORIGINS", pages),
            "EMULATION_PORT_OFFSET": str(self.port_offset),
            "EMULATION_STATE": str(self.state),
            "EMULATION_LOGS": str(self.logs),
        }
        if self.emulator == LOCALSTACK:
            servers = EmulationSettings({name: value for name, value in environ.items() if value})
            environ["EMULATION_URL_COMPANION"] = servers.url("companion")
        return {name: value for name, value in environ.items() if value}

    @property
    def emulator(self) -> str:
        """``EMULATOR``, else the value of the last ``make up``.

        Raises:
            ValueError: the emulator is unknown.
        """
        chosen = os.environ.get("EMULATOR") or self.remembered().get("emulator", MINISTACK)
        if chosen not in (MINISTACK, LOCALSTACK):
            raise ValueError(f"EMULATOR={chosen}: expected {MINISTACK} or {LOCALSTACK}")
        return chosen

    @property
    def wants_seed(self) -> bool:
        """``SEED``. Off by default on LocalStack, which is too slow for the seed on a small machine.

        Raises:
            ValueError: ``SEED`` is neither ``yes`` nor ``no``.
        """
        usual = "yes" if self.emulator == MINISTACK else "no"
        return yes_or_no("SEED", os.environ.get("SEED") or usual) == "yes"

    @property
    def emulation(self) -> EmulationSettings:
        """The settings as the servers have them."""
        return EmulationSettings(self.emulation_environment())

    def port(self, name: str) -> int:
        """TCP (for ``xray`` UDP, for ``turn`` both) port of a local server, offset applied."""
        if name == "turn":
            return TURN_PORT + self.port_offset
        return self.emulation.port(name)

    def url(self, name: str) -> str:
        """Base URL of a local server, without a trailing slash.

        Loopback unless ``ASYNCSNS_URL_<NAME>`` says otherwise: in Compose each server has a host name of its own.
        """
        return self.emulation.url(name)

    def public_url(self, name: str) -> str:
        """Base URL of a local server as a browser or a test on this machine reaches it, without a trailing slash.

        ``localhost``, because browsers count it as a secure context; ``ASYNCSNS_PUBLIC_URL_<NAME>`` overrides it.
        """
        return self.emulation.public_url(name)

    def reach(self, url: str) -> str:
        """``url`` as this process reaches it: other than as a browser does where the servers have names of their own.

        Addresses that are not of a local server stay as they are.
        """
        servers = self.emulation
        for name in SERVERS:
            public, inside = servers.public_url(name), servers.url(name)
            for prefix, replacement in ((public, inside), (_socket(public), _socket(inside))):
                if url == prefix or url.startswith(f"{prefix}/"):
                    return replacement + url[len(prefix) :]
        return url

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
        if not self.remembered_file.exists():
            return {}
        # The second counts where the first is damaged.
        read = (_choices(file) for file in (self.remembered_file, self._remembered_copy))
        return next((choices for choices in read if choices is not None), {})

    @property
    def _remembered_copy(self) -> Path:
        return self.remembered_file.with_name("settings-copy.json")

    def remember(self, **choices: object) -> None:
        """Write choices for later commands; others keep their values."""
        self.home.mkdir(parents=True, exist_ok=True)
        merged = {**self.remembered(), **{key: str(value) for key, value in choices.items()}}
        for file in (self._remembered_copy, self.remembered_file):
            temporary = file.with_suffix(".tmp")
            temporary.write_text(json.dumps(merged, indent=2) + "\n", "utf-8")
            temporary.replace(file)

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
    def localstack_venv(self) -> Path:
        return self.home / "venv-localstack"

    @property
    def state(self) -> Path:
        """Data of the local servers; ``ASYNCSNS_STATE`` moves it (tests give each process its own)."""
        chosen = Path(os.environ.get("ASYNCSNS_STATE") or self.home / "state")
        # Never MiniStack's own: LocalStack's is emptied whenever it starts.
        return chosen if self.emulator == MINISTACK else chosen.with_name(f"{chosen.name}-{self.emulator}")

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def credentials_file(self) -> Path:
        """The emulator's root user's, where they are not the default."""
        return self.home / "keys" / "credentials"

    @property
    def outputs_file(self) -> Path:
        """What ``cdk deploy --outputs-file`` wrote."""
        return self.home / "outputs.json"

    @property
    def endpoints_file(self) -> Path:
        """The output of the finish step; read by tests, seed, load and bench."""
        return self.home / "endpoints.json"

    def aws_environment(self) -> dict[str, str]:
        """Environment with which an AWS client of this machine talks to the emulator."""
        keys = self.emulation.credentials
        return {
            "AWS_ENDPOINT_URL": self.url("emulator"),
            "AWS_ENDPOINT_URL_S3": self.url("emulator"),
            "AWS_S3_FORCE_PATH_STYLE": "1",
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }


def yes_or_no(name: str, value: str) -> str:
    """``value``, of the setting ``name``.

    Raises:
        ValueError: it is neither ``yes`` nor ``no``.
    """
    if value not in ("yes", "no"):
        raise ValueError(f"{name}={value}: expected yes or no")
    return value


def _choices(file: Path) -> dict[str, str] | None:
    """None when the file is damaged."""
    try:
        loaded = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(loaded, dict) or not str(loaded.get("port_offset", 0)).isdigit():
        return None
    return {str(key): str(value) for key, value in loaded.items()}


def _joined(name: str, further: list[str]) -> str:
    """A comma-separated list: what the user set under either name, and ``further``."""
    values = [os.environ.get(f"{prefix}_{name}", "") for prefix in ("ASYNCSNS", "EMULATION")]
    return ",".join(dict.fromkeys(value for value in [*values, *further] if value))
