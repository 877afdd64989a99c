from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.client import Endpoints
from tests.support.people import Town


@pytest.fixture(scope="session")
def endpoints() -> Endpoints:
    """The running stack."""
    return Endpoints.load()


@pytest.fixture
def town(endpoints: Endpoints) -> Iterator[Town]:
    """New people of the running stack."""
    made = Town(endpoints)
    yield made
    made.close()
