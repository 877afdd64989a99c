from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.client import Endpoints
from tests.support.people import Town


@pytest.fixture(scope="session")
def endpoints() -> Endpoints:
    """Addresses of the running stack."""
    return Endpoints.load()


@pytest.fixture
def town(endpoints: Endpoints) -> Iterator[Town]:
    """A source of new people on the running stack."""
    made = Town(endpoints)
    yield made
    made.close()
