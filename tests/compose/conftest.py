"""One network per module: the module's ``NETWORK`` sets its port offset and emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.client import Endpoints
from tests.compose.network import Network, running


@pytest.fixture(scope="module")
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    port_offset, emulator = request.module.NETWORK
    with running(port_offset, emulator) as network:
        yield network


@pytest.fixture(scope="module")
def endpoints(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """Addresses of the network, which the one-shot container deployed and seeded."""
    return network.endpoints(tmp_path_factory.mktemp("compose") / "endpoints.json")
