"""Checks the Docker engine before anything is built; each failure names the fix."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kit import ports, shell
from kit.settings import LOCALSTACK, Settings
from kit.steps import StepFailed

_MINIMUM_COMPOSE: Final = (2, 20)
#: The oldest that the files were run with.
_MINIMUM_ENGINE: Final = (20, 10)
#: By emulator: measured after the seed, and room for what people do.
_LEAST_MEMORY_GB: Final = {"ministack": 4.0, LOCALSTACK: 6.0}
_GET_TOKEN: Final = "https://app.localstack.cloud/workspace/auth-token"  # noqa: S105 - a page
#: Of LocalStack's images, the last that runs without a token.
_WITHOUT_TOKEN: Final = "localstack/localstack:4.14.0"  # noqa: S105 - an image
#: The output of LocalStack's image before it exits with 55.
_REFUSED_TOKEN: Final = re.compile(
    r"License activation failed|No credentials were found|token.*(?:expired|invalid)", re.I
)


def preflight(settings: Settings) -> str | None:
    """Whether Docker and Compose v2 are there and answer; returns the version of Compose.

    Raises:
        StepFailed: says what is missing and how to get it.
    """
    if shutil.which("docker") is None:
        raise StepFailed(
            "docker is missing: install Docker Engine or Docker Desktop (https://docs.docker.com/get-docker/)"
        )
    version = shell.capture(["docker", "compose", "version", "--short"])
    if version is None:
        raise StepFailed(
            "`docker compose` is missing: install the Compose v2 plugin (https://docs.docker.com/compose/install/)"
        )
    if _numbers(version) < _MINIMUM_COMPOSE:
        raise StepFailed(f"docker compose {version} is too old: expected 2.20 or newer")
    info = _info()
    engine = str(info.get("ServerVersion", ""))
    if _numbers(engine) < _MINIMUM_ENGINE:
        raise StepFailed(
            f"Docker Engine {engine} is too old: expected 20.10 or newer (https://docs.docker.com/engine/install/)"
        )
    _require_memory(settings, int(info.get("MemTotal", 0)))
    return version


def _info() -> dict[str, Any]:
    text = shell.capture(["docker", "info", "--format", "{{json .}}"])
    found = json.loads(text) if text and text.startswith("{") else {}
    if not found.get("ServerVersion"):
        raise StepFailed("the Docker engine does not answer: start it (`docker info` says why)")
    return dict(found)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _require_memory(settings: Settings, total: int) -> None:
    least = _LEAST_MEMORY_GB[settings.emulator]
    # An engine counts a little less than what it was given.
    if 0 < total < (least - 0.5) * 1e9:
        raise StepFailed(
            f"Docker has {total / 1e9:.1f} GB of memory, expected {least:.0f} GB: give it more (Docker Desktop: "
            "Settings, Resources), or use `make up` without TARGET, which needs less"
        )


def require_free_ports(settings: Settings, names: Mapping[str, str]) -> None:
    """``names``: variable of ``compose.yaml`` → server. Not to be asked while its containers run.

    Raises:
        StepFailed: names the first port that somebody has.
    """
    for variable, name in names.items():
        port = int(os.environ.get(variable) or settings.port(name))
        if not ports.is_free(port, udp=False):
            holder = ports.holder_of(port, udp=False)
            raise StepFailed(
                f"port {port} ({name}) is held by {holder}: stop it, or take other ports: "
                f"make up TARGET=compose ASYNCSNS_PORT_OFFSET={settings.port_offset + 100}"
            )


def require_token(environ: Mapping[str, str] = os.environ) -> None:
    """Later images of LocalStack end at once without a token: said before anything is built.

    Raises:
        StepFailed: ``LOCALSTACK_IMAGE`` is one of them and there is no token.
    """
    image = environ.get("LOCALSTACK_IMAGE") or _WITHOUT_TOKEN
    tag = image.rpartition(":")[2]
    newer = image.startswith("localstack/") and not re.match(r"[1-4]\.", tag)
    if newer and not environ.get("LOCALSTACK_AUTH_TOKEN"):
        raise StepFailed(
            f"LOCALSTACK_IMAGE={image} needs a token: set LOCALSTACK_AUTH_TOKEN ({_GET_TOKEN}), or leave "
            f"LOCALSTACK_IMAGE out, which means {_WITHOUT_TOKEN}"
        )


def why_localstack_ended(log: str) -> str | None:
    """A sentence when it did not take the token; None for anything else."""
    if not _REFUSED_TOKEN.search(log):
        return None
    return (
        f"LocalStack did not take LOCALSTACK_AUTH_TOKEN (expired, or of a plan without this image): get a new one "
        f"({_GET_TOKEN}), or leave LOCALSTACK_IMAGE and LOCALSTACK_AUTH_TOKEN out to run {_WITHOUT_TOKEN}"
    )


def require_socket(environ: Mapping[str, str] = os.environ) -> None:
    """LocalStack starts a container for each Lambda.

    Raises:
        StepFailed: there is no socket to mount.
    """
    socket = environ.get("DOCKER_SOCKET") or "/var/run/docker.sock"
    if (environ.get("LAMBDA_RUNTIME_EXECUTOR") or "docker") == "docker" and not Path(socket).exists():
        raise StepFailed(
            f"{socket} is not there, and LocalStack needs the engine for its Lambdas: say DOCKER_SOCKET=<path> "
            "(rootless Docker: $XDG_RUNTIME_DIR/docker.sock)"
        )
