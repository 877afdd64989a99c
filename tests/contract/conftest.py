from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.deployed_edge import deployed_edge
from tests.contract.edge_support import edge
from tests.contract.emulator_process import EmulatorProcess
from tests.contract.search_fixtures import index_name, network, opensearch, posts, search_url
from tests.support.aws import aws, fresh
from tests.support.servers import Servers

__all__ = [
    "aws", "deployed_edge", "edge", "emulator", "fresh", "home", "index_name", "network", "opensearch", "posts",
    "search_url",
]  # fmt: skip


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """An emulator host for one test module, stopped afterwards."""
    process = EmulatorProcess(tmp_path_factory.mktemp("emulator")).start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Containers where a Docker engine answers and has their images, otherwise processes."""
    started = Servers(tmp_path_factory.mktemp("servers"))
    yield started
    started.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
