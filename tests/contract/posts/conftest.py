"""A network with one author."""

from __future__ import annotations

import pytest

from tests.support.authoring import Clock
from tests.support.aws import Aws
from tests.support.social import Network


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


@pytest.fixture
def anna(network: Network) -> str:
    return network.person("anna")


@pytest.fixture
def clock(fresh: Aws) -> Clock:
    return Clock()
