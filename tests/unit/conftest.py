"""Rules for all unit tests: neither they nor their fixtures and modules start a process, and no earlier ``make up``
affects them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.support import no_processes


@pytest.fixture(autouse=True, scope="module")
def of_no_checkout() -> Iterator[None]:
    """Ignores which emulator the last ``make up`` of this checkout selected."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMULATOR", "ministack")
        yield


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """A module that starts a process when it is imported, as the CDK's do, would start it in each worker."""
    with no_processes.refused():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    with no_processes.refused():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    with no_processes.refused():
        return (yield)
