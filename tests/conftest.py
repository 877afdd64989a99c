"""Settings for every suite: no slow machine fails a property test, and no test leaves an event loop open."""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("asyncsns", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("asyncsns")

# From here on no library makes an event loop for this thread by asking for the current one.
asyncio.set_event_loop(None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Close the loop that a handler made for this thread: on Lambda it lives as long as the environment.

    Without this, the next ``asyncio.run`` of the same worker drops it, and the warning fails whichever test runs then.
    A hook, because a fixture of all tests costs each of them a tenth of a millisecond.
    """
    try:
        return (yield)
    finally:
        if item.get_closest_marker("asyncio") is None:
            _close_the_event_loop()


def _close_the_event_loop() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            current = asyncio.get_event_loop_policy().get_event_loop()
        except RuntimeError:
            return
    if not current.is_running():
        current.close()
        asyncio.set_event_loop(None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What the tests import stays until the end, so no collection of garbage has to visit it, now or in any test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that share an emulator share the clients of ``services``; any other test gets new ones."""
    support = sys.modules.get("tests.support.aws")
    if support is not None and not {"fresh", "settled"} & set(getattr(item, "fixturenames", ())):
        support.forget_clients()
