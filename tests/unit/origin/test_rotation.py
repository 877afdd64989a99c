"""Rotation of the origin secret: which values are accepted during it, and its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from services.common.entry.origin import CURRENT, HEADER, PENDING, PREVIOUS, OriginGate
from services.common.errors import Unavailable
from services.origin.rotation import Rotation

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass
class World:
    """Secrets Manager, a distribution and its clock in memory."""

    labels: dict[str, str] = field(default_factory=lambda: {CURRENT: "v1"})
    values: dict[str, str] = field(default_factory=lambda: {"v1": "first"})
    sent: str = "first"
    now: float = 0.0
    reads: int = 0
    fails: bool = False

    def stages(self, version: str) -> list[str]:
        return [label for label, one in self.labels.items() if one == version]

    def pending(self, version: str) -> str | None:
        return self.values.get(version) if self.labels.get(PENDING) == version else None

    def propose(self, version: str, value: str) -> None:
        self.labels[PENDING], self.values[version] = version, value

    def finish(self, version: str) -> None:
        self.labels = {PREVIOUS: self.labels[CURRENT], CURRENT: version}

    def read(self, label: str) -> str | None:
        self.reads += 1
        if self.fails:
            raise ConnectionError("no answer")
        return self.values.get(self.labels.get(label, ""))

    def rotation(self, value: str = "second") -> Rotation:
        header = Header(self)
        return Rotation(self, header, lambda: value)

    def gate(self) -> OriginGate:
        return OriginGate(self.read, lambda: self.now)


@dataclass
class Header:
    world: World

    def values(self) -> set[str]:
        return {self.world.sent}

    def send(self, value: str) -> None:
        self.world.sent = value


def asked(value: str | None) -> dict[str, Any]:
    return {"headers": {"host": "api"} | ({} if value is None else {HEADER: value})}


def test_a_rotation_refuses_nothing_that_cloudfront_sends_before_during_and_after_it() -> None:
    world = World()
    gates = [world.gate()]
    for step in STEPS:
        for _ in range(2):
            world.rotation().run(step, "v2")
        world.now += 60
        gates.append(world.gate())
        # Edge locations that have not received the change still send the former value.
        assert [gate.admits(asked(value)) for gate in gates for value in {world.sent, "first"}] == [
            True for _ in gates for _ in {world.sent, "first"}
        ]
    assert (world.sent, world.labels) == ("second", {PREVIOUS: "v1", CURRENT: "v2"})
    world.rotation().run("finishSecret", "v2")
    assert world.labels == {PREVIOUS: "v1", CURRENT: "v2"}


def test_a_value_of_two_rotations_ago_is_refused_after_five_minutes() -> None:
    world = World()
    gate = world.gate()
    assert gate.admits(asked("first"))
    for version, value in (("v2", "second"), ("v3", "third")):
        for step in STEPS:
            world.rotation(value).run(step, version)
    world.now = 300
    assert [gate.admits(asked(value)) for value in ("first", "second", "third")] == [False, True, True]


@pytest.mark.parametrize("value", [None, "", "firs", "first ", "First", "日本", "first,first"])
def test_other_origin_values_are_refused_and_the_header_is_removed(value: str | None) -> None:
    event = asked(value)
    assert not World().gate().admits(event)
    assert event["headers"] == {"host": "api"}
    admitted = asked("first")
    assert World().gate().admits(admitted)
    assert admitted["headers"] == {"host": "api"}


def test_guesses_cost_no_reads() -> None:
    world = World()
    gate = world.gate()
    assert not any(gate.admits(asked(f"guess {number}")) for number in range(100))
    assert world.reads == 1 + 3
    assert not any(gate.admits(asked(None)) for _ in range(100))
    assert world.reads == 1 + 3


def test_known_secrets_stay_valid_while_secrets_manager_is_down() -> None:
    world = World()
    gate = world.gate()
    assert gate.admits(asked("first"))
    world.fails, world.now = True, 1000
    assert gate.admits(asked("first"))
    assert not gate.admits(asked("guess"))
    with pytest.raises(Unavailable):
        world.gate().admits(asked("first"))


def test_steps_out_of_order_and_unknown_steps_are_refused() -> None:
    world = World()
    with pytest.raises(RuntimeError, match="createSecret comes first"):
        world.rotation().run("setSecret", "v2")
    with pytest.raises(ValueError, match="expected one of createSecret, setSecret"):
        world.rotation().run("dropSecret", "v2")
    world.rotation().run("createSecret", "v2")
    with pytest.raises(RuntimeError, match="does not send"):
        world.rotation().run("testSecret", "v2")
