"""Fixtures of calls: a fake transport, and a group that can have calls."""

from __future__ import annotations

import pytest

from services.calls.rooms import MESH_LIMIT
from tests.support.aws import Aws
from tests.support.calls import NOBODY, install
from tests.support.directory import FakePeople
from tests.support.lambdas import new_user
from tests.support.rooms import Group
from tests.support.transport import FakeTransport


@pytest.fixture
def transport(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    """Everyone but ``NOBODY`` has a profile; the test decides who is connected."""
    fake = FakeTransport()
    install(fresh.process.url, FakePeople(unknown={NOBODY}), fake, monkeypatch)
    return fake


@pytest.fixture
def group() -> Group:
    """A group with two more members than a group call admits."""
    return Group({new_user(): False for _ in range(MESH_LIMIT + 2)})
