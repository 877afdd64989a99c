"""What holds for every unit test: it starts no process, in its fixtures neither, and knows no earlier ``make up``."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.support import no_processes


@pytest.fixture(autouse=True)
def of_no_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever emulator the last ``make up`` of this checkout was told to run."""
    monkeypatch.setenv("EMULATOR", "ministack")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    with no_processes.refused():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    with no_processes.refused():
        return (yield)
