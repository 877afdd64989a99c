"""Mappings of an emulator with its own pollers are disabled, and their deployed state is remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from emulation.damage import DamagedStateError
from emulation.pump.takeover import Takeover

STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/posts/stream/1"
KINESIS = "arn:aws:kinesis:us-east-1:000000000000:stream/live"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs"


class Switch:
    def __init__(self, changed: dict[str, Any] | None = None) -> None:
        self.disabled: list[str] = []
        self.changed = {"LastModified": 10} if changed is None else changed

    async def switch_mapping(self, identifier: str, enabled: bool) -> dict[str, Any]:
        assert enabled is False
        self.disabled.append(identifier)
        return self.changed


class Health:
    """A session that returns the emulator's health page for every URL."""

    def __init__(self, status: int, body: object) -> None:
        self.status = status
        self.body = body
        self.asked: list[str] = []

    def get(self, url: str, timeout: aiohttp.ClientTimeout) -> Health:
        assert timeout.total
        self.asked.append(url)
        return self

    async def json(self, content_type: str | None = "application/json") -> object:
        assert content_type is None, "the emulator may not name the type"
        return self.body

    async def __aenter__(self) -> Health:
        return self

    async def __aexit__(self, *problem: object) -> None:
        pass


def mapping(state: str, modified: int, source: str = STREAM) -> dict[str, Any]:
    return {"UUID": "m1", "EventSourceArn": source, "State": state, "LastModified": modified}


async def test_on_the_own_host_mappings_stay_as_deployed(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("state", ["Enabled", "Enabling", "Creating", "Updating", None, "Disabled", "Disabling"])
@pytest.mark.parametrize("hands_off", [True, False])
@pytest.mark.parametrize("source", [STREAM, KINESIS, QUEUE])
async def test_streams_that_are_deployed_enabled_are_pumped(
    tmp_path: Path, state: str | None, hands_off: bool, source: str
) -> None:
    deployed = mapping(state or "", 1, source)
    if state is None:
        del deployed["State"]
    ours = source != QUEUE and state not in ("Disabled", "Disabling")
    switch = Switch()
    takeover = Takeover(switch, tmp_path / "new" / "state" / "taken.json", hands_off=hands_off)
    assert await takeover.pumped([deployed]) == ([deployed] if ours else [])
    assert switch.disabled == (["m1"] if ours and not hands_off else [])


async def test_mappings_taken_over_are_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "new" / "state" / "taken.json"
    before = Takeover(Switch(), file, hands_off=False)
    await before.pumped([mapping("Enabled", 1)])
    assert json.loads(file.read_text()) == {"m1": "10"}
    after = Takeover(Switch(), file)
    await after.ask("http://emulator", Health(200, {}))  # type: ignore[arg-type]
    assert await after.pumped([mapping("Disabled", 10)]) == [mapping("Disabled", 10)]


async def test_mappings_without_a_change_time_are_pumped_too(tmp_path: Path) -> None:
    switch = Switch(changed={})
    takeover = Takeover(switch, tmp_path / "taken.json", hands_off=False)
    enabled, disabled = mapping("Enabled", 1), mapping("Disabled", 1)
    del disabled["LastModified"]
    await takeover.pumped([enabled])
    assert await takeover.pumped([disabled]) == [disabled]


@pytest.mark.parametrize(
    ("status", "body", "hands_off"),
    [(200, {"pumpsStreams": False}, True), (200, {"pumpsStreams": True}, False), (200, {}, False), (200, [], False),
     (404, {"pumpsStreams": False}, False)],
)  # fmt: skip
async def test_the_health_of_the_emulator_says_whether_it_pumps_streams(
    tmp_path: Path, status: int, body: object, hands_off: bool
) -> None:
    takeover, session = Takeover(Switch(), tmp_path / "taken.json"), Health(status, body)
    assert takeover.hands_off is None
    await takeover.ask("http://emulator", session)  # type: ignore[arg-type]
    assert takeover.hands_off is hands_off
    assert session.asked == ["http://emulator/_health"]


async def test_the_own_host_ignores_the_takeover_file(tmp_path: Path) -> None:
    (tmp_path / "taken.json").write_text("[]")
    await Takeover(Switch(), tmp_path / "taken.json").ask("x", Health(200, {"pumpsStreams": False}))  # type: ignore[arg-type]
    with pytest.raises(DamagedStateError) as named:
        await Takeover(Switch(), tmp_path / "taken.json").ask("x", Health(200, {}))  # type: ignore[arg-type]
    for part in ("expected an object of mappings", "It says which event source mappings were deployed enabled",
                 "put back a copy of it, or remove it and deploy again"):  # fmt: skip
        assert part in str(named.value)
