"""``settled``: ``services`` configured for a real emulator, once per module, so that clients are made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.askers import World
from tests.support.aws import Aws, aws, configured

__all__ = ["aws"]


@pytest.fixture(scope="module")
def settled(aws: Aws) -> Iterator[Aws]:
    with pytest.MonkeyPatch.context() as patch, configured(aws, patch):
        yield aws


@pytest.fixture(scope="module")
def shared_world(settled: Aws) -> World:
    """One world per module, with a post, a message, a medium, a call and a device of the owner."""
    world = World.settled(settled)
    world.refresh("{post_id}{seq}{media_id}{call_id}{device_id}")
    return world
