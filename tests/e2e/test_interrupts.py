"""`make up` and `make down` of the running network, interrupted at seeded moments: the next `make up` recovers.

`make test-interrupts` has more moments, and `make reset` and a first installation, in a copy of the checkout.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest

from kit.client import Endpoints
from kit.settings import Settings, checkout_root
from kit.smoke.__main__ import walk
from kit.smoke.steps import STEPS, Visit
from kit.supervisor import records

pytestmark = [pytest.mark.alone, pytest.mark.timeout(600)]

_SEED = os.environ.get("ASYNCSNS_TEST_SEED") or "1"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


def _start(command: str) -> subprocess.Popen[str]:
    """In its own session, as a terminal would start it; without the variables that `make test` set."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.Popen(
        ["make", command], cwd=checkout_root(), env=environment | {"SEED": "no"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize(("number", "command", "longest"), [(1, "up", 5.0), (2, "down", 3.0), (3, "up", 12.0)])
def test_make_up_recovers_from_an_interrupted_command(number: int, command: str, longest: float) -> None:
    if records.read_alive(Settings.load().run, "supervisor") is None:
        pytest.skip("commands are interrupted where the network runs on this machine only")
    chance = random.Random(f"{_SEED}/{number}")
    interrupted = _start(command)
    time.sleep(chance.uniform(0, longest))  # the moment is the subject of the test
    if interrupted.poll() is None:
        os.killpg(interrupted.pid, chance.choice(_SIGNALS))
    interrupted.communicate(timeout=60)
    healed = _start("up")
    said, _ = healed.communicate(timeout=300)
    assert healed.returncode == 0, said
    steps: list[str] = []
    assert walk(Visit(Endpoints.load()), STEPS, steps.append), steps
