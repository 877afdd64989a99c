"""LocalStack 4.14.0 with its companion on a real Docker engine: one `docker compose up`, then two people use it.

Where LocalStack's official image can't be pulled, a stand-in with LocalStack's own code replaces it; Lambdas are its
processes then (``tests/compose/standins``).
"""

from __future__ import annotations

import httpx
import pytest

from kit.client import Endpoints
from kit.smoke.__main__ import walk
from kit.smoke.steps import Visit
from tests.compose.network import Network, absent

_OFFSET = 3_500
#: The network that the fixture ``network`` starts.
NETWORK = (_OFFSET, "localstack")
_ABSENT = absent("localstack")
pytestmark = [
    pytest.mark.skipif(_ABSENT is not None, reason=str(_ABSENT)),
    pytest.mark.timeout(1_800),
]


def test_two_people_sign_up_post_search_chat_and_call(endpoints: Endpoints) -> None:
    said: list[str] = []
    assert walk(Visit(endpoints), say=said.append), "\n".join(said)


def test_one_endpoint_serves_both_emulators(endpoints: Endpoints) -> None:
    url = str(endpoints.document["emulatorUrl"])
    assert httpx.get(f"{url}/_health", timeout=20).json()["status"] == "ok"
    health = httpx.get(f"{url}/_localstack/health", timeout=20).json()
    assert health["version"].startswith("4.14")


def test_only_localstack_has_the_docker_socket(network: Network) -> None:
    """A process with Docker's socket has root rights on the machine."""
    assert [one for one in network.compose("config", "--services").stdout.split() if _has_socket(network, one)] == [
        "localstack"
    ]


def _has_socket(network: Network, service: str) -> bool:
    container = network.compose("ps", "--all", "--quiet", service).stdout.strip()
    done = network.compose("exec", "-T", service, "test", "-S", "/var/run/docker.sock")
    return bool(container) and done.returncode == 0
