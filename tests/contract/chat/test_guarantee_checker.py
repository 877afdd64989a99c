"""The check of chat's guarantee can fail: for each of its clauses something that breaks it is caught, by fixed seeds.

Each mutant leaves out one thing that ``docs/contexts/chat.md`` asks of a client, of the transport, or of the function.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.aws import Aws
from tests.support.chat_device import Device
from tests.support.chat_world import World

_SEEDS = (1, 2, 3, 4, 5, 6)
_ROUNDS, _STEPS = 8, 24


class IgnoresRev(Device):
    """Edits applied: the latest state that *arrives* is shown, whatever its ``rev``."""

    def keep(self, messages: list[dict[str, Any]]) -> None:
        self.shown |= {message["seq"]: message for message in messages}


class IgnoresChanges(Device):
    """Edits applied: only what is new is shown, changes are neither taken nor asked for."""

    def _take_change(self, data: dict[str, Any]) -> None:
        return

    def catch_up(self) -> None:
        return


class ForgetsWhatItMissedToChange(Device):
    """Edits applied, after a resume: changes are taken live, those of the time away are not asked for."""

    def catch_up(self) -> None:
        return


class DoesNotResume(Device):
    """At least once: after its first connection it waits for what comes, and does not ask for what came meanwhile."""

    def resume(self) -> None:
        if self.out:
            super().resume()


class IgnoresGaps(Device):
    """Gap-free: a message is shown wherever it stands, and what is missing before it is not asked for."""

    def _take_message(self, message: dict[str, Any]) -> None:
        self.live.append(message["seq"])
        if not self.out:
            self.keep([message])

    def _read_on(self) -> None:
        """What is after the last that is shown: right for a client that has no gaps before it."""
        if self.shown:
            return
        super()._read_on()


class ShowsTwice(Device):
    """Deduplicated: what comes again stands in the list again."""

    def keep(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            place = message["seq"]
            while place in self.shown:
                place += 2.0**-20
            self.shown[place] = message


class ShufflingWorld(World):
    """Ordered: frames of one conversation reach the sockets in another order than that of the stream."""

    def _fan_out(self, batch: list[dict[str, Any]]) -> set[str]:
        self.random.shuffle(batch)
        return super()._fan_out(batch)


class ForgetfulWorld(World):
    """At least once: what was acknowledged to the sender is not stored."""

    def send(self, device: Device) -> None:
        super().send(device)
        if self.random.random() < 0.1:
            self.sent[device.conversation].add((device.user, f"lost{self._number}"))


class ResendingWorld(World):
    """Deduplicated by ``clientMessageId``: a retry takes another one."""

    def send(self, device: Device) -> None:
        super().send(device)
        if self.random.random() < 0.1 and not self._is_out(device):
            before = set(self.sent[device.conversation])
            super().send(device)
            self.sent[device.conversation] = before


class EagerWorld(World):
    """Frames of what was given up are gone for good, and nobody comes back to resume."""

    def settle(self) -> None:
        self._faults = False
        while self.relay.step(10) or self.fanout.step(10):
            pass


class RestlessWorld(World):
    """Much is changed while devices come and go, and frames overtake the answers that they asked for."""

    weights = (10, 30, 1, 35, 30, 25, 15)
    overtakes = 0.9
    recent = 2


def is_caught(world: World) -> bool:
    try:
        for _ in range(_ROUNDS):
            world.disturb()
            for _ in range(_STEPS):
                world.step()
            world.settle()
            world.check()
    except AssertionError:
        return True
    return False


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("client", "world"),
    [
        (IgnoresRev, RestlessWorld),
        (IgnoresChanges, World),
        (ForgetsWhatItMissedToChange, World),
        (DoesNotResume, World),
        (IgnoresGaps, World),
        (ShowsTwice, World),
    ],
)
def test_a_client_that_leaves_something_out_is_caught(fresh: Aws, client: type[Device], world: type[World]) -> None:
    assert any(is_caught(world(fresh, seed, client=client)) for seed in _SEEDS), client.__doc__


@pytest.mark.timeout(400)
def test_a_client_that_leaves_nothing_out_is_not_caught_in_the_same_world(fresh: Aws) -> None:
    assert not is_caught(RestlessWorld(fresh, _SEEDS[0]))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("world", [ShufflingWorld, ForgetfulWorld, ResendingWorld, EagerWorld])
def test_a_network_that_breaks_a_promise_is_caught(fresh: Aws, world: type[World]) -> None:
    assert any(is_caught(world(fresh, seed)) for seed in _SEEDS), world.__doc__
