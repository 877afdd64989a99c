"""Rules for all unit tests: neither tests nor fixtures start a process, and no earlier ``make up`` affects them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.support import no_processes


@pytest.fixture(autouse=True)
def of_no_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ignores which emulator the last ``make up`` of this checkout selected."""
    monkeypatch.setenv("EMULATOR", "ministack")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    with no_processes.refused():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    with no_processes.refused():
        return (yield)
