"""`make test-interrupts`: `make up`, `down` and `reset` are interrupted at random seconds; the next `make up` recovers.

The first test interrupts a first installation midway. Then a seed chooses command, signal and second; the speed of the
machine decides which step is interrupted. The network runs in a copy of the checkout. `tests/e2e/test_interrupts.py`
has a short version for the running network.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator

import pytest

from tests.contract.emulator_process import free_offset
from tests.support.clone import Clone

_ROUNDS = int(os.environ.get("ASYNCSNS_TEST_ROUNDS") or 4)
_SEED = os.environ.get("ASYNCSNS_TEST_SEED") or "1"
pytestmark = [pytest.mark.long, pytest.mark.timeout(600 + 600 * _ROUNDS)]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
#: Seconds after which a command is interrupted: the command before it, the command, the maximum.
_MOMENTS = (("", "up", 12.0), ("reset", "up", 70.0), ("clean", "up", 100.0), ("", "down", 4.0), ("", "reset", 4.0))
#: The first `make up` is rarely chosen: it takes minutes.
_WEIGHTS = (3, 3, 1, 3, 2)
_UP_SECONDS = 600.0


#: What the first `make up` is creating when it is interrupted: present, but incomplete.
_HALF_MADE = {
    "the environments": (signal.SIGINT, ".asyncsns", "venv*/lib/*/site-packages/*.dist-info"),
    "node_modules": (signal.SIGKILL, "frontend-static/node_modules", "*"),
    "the UI": (signal.SIGTERM, "frontend-static/node_modules", ".asyncsns-dist/*"),
}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A checkout with nothing installed."""
    root = tmp_path_factory.mktemp("clone") / "asyncsns"
    made = Clone(root, ASYNCSNS_PORT_OFFSET=str(free_offset()), SEED="no")
    yield made
    made.start("down").wait(120)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def clone(fresh: Clone) -> Clone:
    fresh.run("up", seconds=_UP_SECONDS)
    return fresh


def test_a_first_make_up_recovers_from_interrupts_during_install_and_build(fresh: Clone) -> None:
    for what, (kind, folder, pattern) in _HALF_MADE.items():
        place = fresh.root / folder
        hit = fresh.interrupt(kind, lambda place=place, pattern=pattern: any(place.glob(pattern)), "up")  # type: ignore[misc]
        assert hit, f"make up ended before it made {what}:\n{fresh.said.read_text()}"
        fresh.check()
    fresh.run("up", seconds=_UP_SECONDS)
    fresh.check(complete=True)
    fresh.run("smoke")


@pytest.mark.parametrize("number", range(_ROUNDS))
def test_make_up_recovers_from_an_interrupted_command(clone: Clone, number: int) -> None:
    chance = random.Random(f"{_SEED}/{number}")
    before, command, longest = chance.choices(_MOMENTS, _WEIGHTS)[0]
    kind, seconds = chance.choice(_SIGNALS), chance.uniform(0, longest)
    if before:
        clone.run(before)
    moment = time.monotonic() + seconds
    hit = clone.interrupt(kind, lambda: time.monotonic() >= moment, command)
    print(f"round {number}: {before} {command}: {kind.name if hit else 'ended'} after {seconds:.1f} s")
    clone.run("up", seconds=_UP_SECONDS)
    clone.check(complete=True)
    clone.run("smoke")
    assert "nothing wrong" in clone.run("doctor")
