"""Mappings of an emulator that would pump itself are switched off, and what was deployed is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emulation.pump.takeover import Takeover

STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/posts/stream/1"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs"


class Switch:
    def __init__(self) -> None:
        self.disabled: list[str] = []

    async def switch_mapping(self, identifier: str, enabled: bool) -> dict[str, Any]:
        assert not enabled
        self.disabled.append(identifier)
        return {"LastModified": 10}


def mapping(state: str, modified: int, source: str = STREAM) -> dict[str, Any]:
    return {"UUID": "m1", "EventSourceArn": source, "State": state, "LastModified": modified}


async def test_our_own_host_is_left_as_deployed(tmp_path: Path) -> None:
    switch = Switch()
    takeover = Takeover(switch, tmp_path / "taken.json", hands_off=True)
    assert len(await takeover.pumped([mapping("Enabled", 1)])) == 1
    assert await takeover.pumped([mapping("Disabled", 1)]) == []
    assert switch.disabled == []


async def test_another_emulator_is_kept_from_pumping(tmp_path: Path) -> None:
    switch = Switch()
    takeover = Takeover(switch, tmp_path / "taken.json", hands_off=False)
    assert len(await takeover.pumped([mapping("Enabled", 1)])) == 1
    assert switch.disabled == ["m1"]
    assert len(await takeover.pumped([mapping("Disabled", 10)])) == 1, "disabled by us: pumped"
    assert await takeover.pumped([mapping("Disabled", 11)]) == [], "disabled since by a deployment: not pumped"
    assert len(await takeover.pumped([mapping("Enabled", 12)])) == 1, "enabled again"
    assert await takeover.pumped([mapping("Enabled", 1, QUEUE)]) == [], "queues are the emulator's"


async def test_a_mapping_deployed_disabled_stays_so(tmp_path: Path) -> None:
    takeover = Takeover(Switch(), tmp_path / "taken.json", hands_off=False)
    assert await takeover.pumped([mapping("Disabled", 1)]) == []
