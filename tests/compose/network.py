"""A network on Docker for one suite: missing prerequisites, its start as a user starts it, its addresses."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from testcontainers.compose import DockerCompose

from kit.client import Endpoints
from kit.settings import Settings
from kit.targets.compose import environment, files

ROOT = Path(__file__).parents[2]


def absent(wanted: str) -> str | None:
    """Names of missing prerequisites; ``wanted``: the value of ``ASYNCSNS_TEST_COMPOSE`` that requests the suite."""
    if os.environ.get("ASYNCSNS_TEST_COMPOSE") != wanted:
        return f"ASYNCSNS_TEST_COMPOSE={wanted} is not set: the images take minutes to build"
    if shutil.which("docker") is None:
        return "docker is absent"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        return "the Docker engine does not answer"
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        return "the Compose v2 plugin of docker is absent"
    return None


class Network:
    """``docker compose`` with one emulator's files and variables."""

    def __init__(self, settings: Settings) -> None:
        self.files = files(settings)

    def compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        chosen = [word for file in self.files for word in ("--file", file)]
        return subprocess.run(
            ["docker", "compose", *chosen, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )

    def endpoints(self, file: Path) -> Endpoints:
        """The addresses that the one-shot container wrote; waits until ``file`` exists."""
        told = self.compose("run", "--rm", "-T", "deploy", "python", "-m", "kit.compose.deploy", "endpoints")
        file.write_text(told.stdout)
        return Endpoints.load(file)


@contextmanager
def running(offset: int, emulator: str) -> Iterator[Network]:
    """``docker compose up``, which returns when the deployment is complete; removed with its volumes afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMULATOR", emulator)
        settings = Settings(port_offset=offset)
        # Chosen here: the checkout may remember other choices. The media server is built and started too.
        for name, value in environment(settings, {"TURN": "no", "SFU": "yes"}).items():
            patch.setenv(name, value)
        network = Network(settings)
        started = DockerCompose(ROOT, compose_file_name=network.files, build=True, wait=False, keep_volumes=False)
        try:
            started.start()
            yield network
        except subprocess.CalledProcessError as error:
            shown = network.compose("logs", "--tail", "60", "deploy").stdout
            raise AssertionError(f"{error}\n{shown}") from error
        finally:
            # Including the volumes of the one-shot containers.
            network.compose("--profile", "*", "down", "--volumes", "--remove-orphans")
