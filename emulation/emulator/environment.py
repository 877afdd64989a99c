"""The environment that MiniStack reads when it is imported."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from emulation.settings import REGION, Settings

#: Of the caller's environment only these reach the emulator: everything else would leak into it by accident.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")


#: Idle execution environments that may be kept besides as many as can run at once. Each holds some 10 MB of its own.
_IDLE_ENVIRONMENTS = 24
#: AWS's default for an account: so many invocations run or wait, more are refused (429).
_ACCOUNT_CONCURRENCY = 1000


@dataclass(frozen=True)
class EmulatorOptions:
    """Options at start, from ``EMULATION_*`` variables."""

    #: Lambda executions at the same time, all functions together; more wait for their turn.
    lambda_concurrency: int = field(default_factory=lambda: 4 * _processors())
    #: Seconds after which an idle Lambda execution environment is stopped.
    lambda_idle_seconds: float = 60.0
    #: Seconds for which execution environments wait for the next emulator after this one was killed; 0: they end.
    lambda_keep_seconds: float = 0.0
    #: Seconds between two looks at whether there is something to write to disk.
    snapshot_seconds: float = 0.8
    #: Newest events that a log group keeps, and points that a metric keeps.
    log_events: int = 4_000
    metric_points: int = 4_000
    log_level: str = "WARNING"

    @property
    def lambda_environments(self) -> int:
        """How many execution environments may exist, busy and idle: all running ones, and one of most other
        functions."""
        return self.lambda_concurrency + _IDLE_ENVIRONMENTS

    @property
    def lambda_busy(self) -> int:
        """How many executions the processors can serve; more may wait for something else (``slots.py``). With four for
        each processor instead of two, a function of 5 ms took 7 to 8: its data are no longer in the caches."""
        return min(self.lambda_concurrency, 2 * _processors())

    @property
    def lambda_starts(self) -> int:
        """How many execution environments may start at once without competing for processors."""
        return min(self.lambda_concurrency, _processors())

    @classmethod
    def load(cls) -> EmulatorOptions:
        """Read the environment.

        Raises:
            ValueError: a variable is not a positive number.
        """
        default = cls()
        return cls(
            lambda_concurrency=int(_positive("EMULATION_LAMBDA_CONCURRENCY", default.lambda_concurrency)),
            lambda_idle_seconds=_positive("EMULATION_LAMBDA_IDLE_SECONDS", default.lambda_idle_seconds),
            lambda_keep_seconds=_not_negative("EMULATION_LAMBDA_KEEP_SECONDS", default.lambda_keep_seconds),
            log_events=int(_positive("EMULATION_LOG_EVENTS", default.log_events)),
            metric_points=int(_positive("EMULATION_METRIC_POINTS", default.metric_points)),
            snapshot_seconds=_positive("EMULATION_SNAPSHOT_SECONDS", default.snapshot_seconds),
            log_level=os.environ.get("EMULATION_EMULATOR_LOG_LEVEL", default.log_level).upper(),
        )


def _processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _positive(name: str, default: float) -> float:
    return _number(name, default, "above 0", lambda value: value > 0)


def _not_negative(name: str, default: float) -> float:
    return _number(name, default, "from 0", lambda value: value >= 0)


def _number(name: str, default: float, expected: str, is_right: Callable[[float], bool]) -> float:
    raw = os.environ.get(name, "")
    try:
        value = float(raw) if raw else float(default)
    except ValueError:
        value = math.nan
    if not is_right(value):
        raise ValueError(f"{name}: expected a number {expected}, got {raw!r}")
    return value


def emulator_environment(settings: Settings, options: EmulatorOptions) -> dict[str, str]:
    """The complete environment of the emulator's process."""
    state = settings.state / "emulator"
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # Our own settings are read again later. Functions do not see them: they get an environment made for them.
    inherited |= {name: value for name, value in os.environ.items() if name.startswith("EMULATION_")}
    return inherited | {
        # Callers are checked: IAM of Lambda roles, private buckets, real CORS, confirmation codes.
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": settings.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": settings.credentials.secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "MINISTACK_REGION": REGION,
        "BIND_HOST": settings.bind_host,
        "GATEWAY_PORT": str(settings.port("emulator")),
        "MINISTACK_HOST": "localhost",
        "MINISTACK_OPENSEARCH_ENDPOINT": urlsplit(settings.url("search")).netloc,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # An address where no Docker is: nothing here may depend on one.
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "STATE_DIR": str(state / "blobs"),
        "S3_DATA_DIR": str(state / "s3"),
        "TMPDIR": str(scratch(settings)),
        "LAMBDA_ACCOUNT_CONCURRENCY": str(_ACCOUNT_CONCURRENCY),
        "LAMBDA_WARM_TTL_SECONDS": str(int(options.lambda_idle_seconds)),
        "LOG_LEVEL": options.log_level,
    }


#: How the name of an execution environment's folder for temporary files begins.
TEMPORARY = "tmp-"


def scratch(settings: Settings) -> Path:
    """Temporary files of the emulator and of execution environments."""
    return settings.state / "emulator" / "tmp"


def clear_scratch(settings: Settings) -> None:
    """At each start. Execution environments that outlived the last emulator still need their own folders."""
    folder = scratch(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_symlink() or not entry.is_dir():
            entry.unlink()
        elif not entry.name.startswith(TEMPORARY):
            shutil.rmtree(entry, ignore_errors=True)


def left_sockets(settings: Settings) -> Path:
    """Sockets of what keeps execution environments while there is no emulator (``EMULATION_LAMBDA_KEEP_SECONDS``)."""
    return settings.state / "emulator" / "left"
