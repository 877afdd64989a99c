"""The delivery guarantee of chat under a random, reproducible sequence of events.

Longer: ``CHAT_SEEDS=50 CHAT_STEPS=600 python -m pytest tests/contract/chat/test_guarantee.py``. One seed again:
``CHAT_SEED=17 CHAT_STEPS=600 …``.
"""

from __future__ import annotations

import os

import pytest

from tests.support.aws import Aws
from tests.support.chat_world import World

STEPS = int(os.environ.get("CHAT_STEPS", "160"))
SEEDS = [int(os.environ["CHAT_SEED"])] if "CHAT_SEED" in os.environ else range(int(os.environ.get("CHAT_SEEDS", "2")))


@pytest.mark.timeout(60 + STEPS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_device_shows_everything_once_in_one_order(fresh: Aws, seed: int) -> None:
    world = World(fresh, seed)
    for _ in range(STEPS):
        world.step()
    world.settle()
    world.check()
    assert sum(len(sent) for sent in world.sent.values()) > STEPS // 10
    assert world.changes() > STEPS // 16
