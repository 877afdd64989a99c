"""`make install` in a fresh clone, interrupted: the next one recovers, and nothing under its final name is incomplete.

Two moments by default: while uv writes packages, and while npm does. ``ASYNCSNS_TEST_MOMENTS="1 3 5 8"`` adds each of
these seconds after the start, by Ctrl-C and by ``kill -9``, each in a clone without anything installed (minutes).
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator

import pytest

from tests.support.clone import Clone, until

pytestmark = pytest.mark.long

_LEFT_OUT = pytest.param(1.0, marks=pytest.mark.skip("ASYNCSNS_TEST_MOMENTS names no seconds"))
_SECONDS = [float(word) for word in os.environ.get("ASYNCSNS_TEST_MOMENTS", "").split()] or [_LEFT_OUT]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """One clone for all tests: each continues with the recovered clone of the one before."""
    made = Clone(tmp_path_factory.mktemp("clone") / "asyncsns")
    yield made
    shutil.rmtree(made.root, ignore_errors=True)


def _heal(clone: Clone) -> None:
    clone.run("install")
    clone.check(complete=True)


def _left_nothing(clone: Clone) -> None:
    """Checks that no program outlives the command, and that nothing is incomplete."""
    until(lambda: not clone.programs(), 20)
    clone.check()


@pytest.mark.timeout(1000)
def test_an_install_recovers_from_two_interrupts(clone: Clone) -> None:
    packages = clone.root / ".asyncsns"
    clone.interrupt(signal.SIGINT, lambda: any(packages.glob("venv*/lib/*/site-packages/*.dist-info")), "install")
    _left_nothing(clone)
    modules = clone.root / "frontend-static" / "node_modules"
    clone.interrupt(signal.SIGKILL, lambda: modules.is_dir() and any(modules.iterdir()), "install")
    _left_nothing(clone)
    _heal(clone)


@pytest.mark.timeout(1000)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("seconds", _SECONDS)
def test_an_install_recovers_from_an_interrupt_at_any_second(
    clone: Clone, seconds: float, number: signal.Signals
) -> None:
    clone.empty()
    moment = time.monotonic() + seconds
    clone.interrupt(number, lambda: time.monotonic() >= moment, "install")
    _left_nothing(clone)
    _heal(clone)
