"""Servers for a suite: each a container where a Docker engine answers and has its image, otherwise a local process.

Images have the names of ``compose.yaml``'s variables. Nothing is pulled or built here: ``docker compose build`` makes
the project's own, and ``tests.compose.standins.build`` stand-ins for those that can't be pulled.
"""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoAnswer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from kit import turn
from kit.settings import TURN_PORT
from kit.supervisor import health
from tests.contract.emulator_process import wait_until
from tests.support import redis_server
from tests.support.localstack_process import LocalStack
from tests.support.search_process import SearchProcess

CONTAINER, PROCESS = "container", "process"
#: Variable of the Compose files → its default there.
IMAGES: Mapping[str, str] = {
    "SEARCH_IMAGE": "asyncsns/opensearch-ja",
    "TURN_IMAGE": "coturn/coturn:4.6.2",
    "VALKEY_IMAGE": "valkey/valkey:8.1",
    "LOCALSTACK_WITH_PLUGINS_IMAGE": "asyncsns/localstack",
}
_START_S = 180
#: Its plugins refuse to start without the address of a companion. None is there: nothing asks it for what it lacks.
LOCALSTACK: Mapping[str, str] = {
    "DISABLE_EVENTS": "1", "SKIP_SSL_CERT_DOWNLOAD": "1", "DNS_ADDRESS": "0", "S3_SKIP_SIGNATURE_VALIDATION": "0",
    "EMULATION_URL_COMPANION": "http://companion.invalid:4567",
}  # fmt: skip


@dataclass(frozen=True)
class Server:
    """``kind``: ``container`` or ``process``; ``url`` as this machine reaches it."""

    kind: str
    url: str
    log: Callable[[], str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@functools.cache
def image(variable: str) -> str | None:
    """The image of this variable; None where no engine answers or it has no such image."""
    name = os.environ.get(variable) or IMAGES[variable]
    if shutil.which("docker") is None:
        return None
    found = subprocess.run(["docker", "image", "inspect", name], capture_output=True, check=False)
    return name if found.returncode == 0 else None


@dataclass
class Servers:
    """Started when they are first asked for, stopped by ``close``."""

    folder: Path
    _stack: ExitStack = field(default_factory=ExitStack)
    _started: dict[str, Server] = field(default_factory=dict)

    def close(self) -> None:
        self._stack.close()

    def opensearch(self) -> Server:
        """OpenSearch with the Japanese analyzers, or the embedded engine."""
        return self._once("opensearch", "SEARCH_IMAGE", _opensearch, lambda: _search_process(self._new("search")))

    def valkey(self) -> Server:
        """Valkey, or Debian's redis-server (or valkey-server)."""
        return self._once("valkey", "VALKEY_IMAGE", _valkey, lambda: _redis_process(self._new("redis")))

    def coturn(self, secret: str) -> Server:
        """coturn with this shared secret."""
        return self._once(
            f"coturn {secret}",
            "TURN_IMAGE",
            lambda name: _coturn(name, secret, self._new("coturn")),
            lambda: _coturn_process(secret, self._new("coturn")),
        )

    def localstack(self) -> Server:
        """LocalStack 4.14 with its plugins, with moto or DynamoDB Local behind it, as its image has."""
        return self._once(
            "localstack", "LOCALSTACK_WITH_PLUGINS_IMAGE", _localstack, lambda: _localstack_process(self._new("ls"))
        )

    def _new(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True)
        return folder

    def _once(self, name: str, variable: str, container: Callable[[str], Any], process: Callable[[], Any]) -> Server:
        if name not in self._started:
            found = image(variable)
            self._started[name] = self._stack.enter_context(container(found) if found else process())
        return self._started[name]


@contextmanager
def _running(
    name: str, port: int, environment: Mapping[str, str], *, protocols: tuple[str, ...] = ("tcp",), **options: Any
) -> Iterator[tuple[int, Callable[[], str]]]:
    """A container whose ``port`` is published on loopback: the port there, and what its log has."""
    # The image of what would clean up after a killed test is one more that must be pulled.
    testcontainers_config.ryuk_disabled = True
    here = _free_port()
    container = DockerContainer(name, env=dict(environment), **options)
    ports: dict[str, Any] = container.ports
    ports |= {f"{port}/{protocol}": ("127.0.0.1", here) for protocol in protocols}
    container.ports = ports
    with container:
        yield here, lambda: b"".join(container.get_logs()).decode()[-3000:]


@contextmanager
def _opensearch(name: str) -> Iterator[Server]:
    environment = {
        "discovery.type": "single-node", "DISABLE_SECURITY_PLUGIN": "true", "DISABLE_INSTALL_DEMO_CONFIG": "true",
        "network.host": "0.0.0.0", "http.port": "9200", "OPENSEARCH_JAVA_OPTS": "-Xms384m -Xmx384m",  # noqa: S104
    }  # fmt: skip
    with _running(name, 9200, environment) as (port, log):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: httpx.get(f"{url}/_cluster/health", timeout=10).is_success, _START_S, "OpenSearch", log)
        yield Server(CONTAINER, url, log)


@contextmanager
def _search_process(folder: Path) -> Iterator[Server]:
    process = SearchProcess(folder).start()
    try:
        yield Server(PROCESS, process.url, (folder / "log").read_text)
    finally:
        process.stop()


@contextmanager
def _valkey(name: str) -> Iterator[Server]:
    with _running(name, 6379, {}) as (port, log):
        url = f"redis://127.0.0.1:{port}"
        wait_until(lambda: _answers(url), _START_S, "Valkey", log)
        yield Server(CONTAINER, url, log)


def _answers(url: str) -> bool:
    with Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except NoAnswer:
            return False


@contextmanager
def _redis_process(folder: Path) -> Iterator[Server]:
    with redis_server.running(folder) as url:
        yield Server(PROCESS, url, (folder / "redis.log").read_text)


@contextmanager
def _coturn(name: str, secret: str, folder: Path) -> Iterator[Server]:
    file = folder / "turnserver.conf"
    file.write_text(turn.configuration(secret, Path("/tmp"), TURN_PORT, "0.0.0.0"))  # noqa: S104
    # The image runs coturn as nobody.
    file.chmod(0o644)
    inside = "/etc/asyncsns/turnserver.conf"
    options: dict[str, Any] = {
        "command": ["turnserver", "-c", inside], "volumes": [(str(file), inside, "ro")], "protocols": ("udp", "tcp"),
    }  # fmt: skip
    with _running(name, TURN_PORT, {}, **options) as (port, log):
        wait_until(lambda: health.is_up(health.check(f"stun://127.0.0.1:{port}")), _START_S, "coturn", log)
        yield Server(CONTAINER, f"turn:127.0.0.1:{port}", log)


@contextmanager
def _coturn_process(secret: str, folder: Path) -> Iterator[Server]:
    if shutil.which(turn.PROGRAM) is None:
        pytest.skip("coturn is not installed (Debian and Ubuntu: apt-get install coturn)")
    port = _free_port()
    file, log = folder / "turnserver.conf", folder / "log"
    file.write_text(turn.configuration(secret, folder, port))
    with log.open("w") as out:
        process = subprocess.Popen([turn.PROGRAM, "-c", file], stdout=out, stderr=subprocess.STDOUT)
    try:
        stun = f"stun://127.0.0.1:{port}"
        wait_until(lambda: health.is_up(health.check(stun)), _START_S, "coturn", log.read_text)
        yield Server(PROCESS, f"turn:127.0.0.1:{port}", log.read_text)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _localstack(name: str) -> Iterator[Server]:
    with _running(name, 4566, LOCALSTACK) as (port, log):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _is_ok(url), _START_S, "LocalStack", log)
        yield Server(CONTAINER, url, log)


def _is_ok(url: str) -> bool:
    return bool(httpx.get(f"{url}/_health", timeout=10).json()["status"] == "ok")


@contextmanager
def _localstack_process(folder: Path) -> Iterator[Server]:
    if not LocalStack.is_installed():
        pytest.skip("LocalStack is not installed: make install EMULATOR=localstack")
    process = LocalStack(folder)
    try:
        process.start()
        yield Server(PROCESS, process.url, process.log)
    finally:
        process.stop()


def _free_port() -> int:
    """Free for UDP too: coturn has both."""
    for _ in range(50):
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port found")
