"""The check of chat's guarantee can fail: for each clause, a mutant that breaks it is caught, with fixed seeds.

Each mutant omits one requirement of ``docs/contexts/chat.md`` for a client, the transport, or the function.
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
    """Breaks "edits applied": it shows the state that *arrived* last, whatever its ``rev``."""

    def keep(self, messages: list[dict[str, Any]]) -> None:
        self.shown |= {message["seq"]: message for message in messages}


class IgnoresChanges(Device):
    """Breaks "edits applied": it shows new messages only; it neither takes nor requests changes."""

    def _take_change(self, data: dict[str, Any]) -> None:
        return

    def catch_up(self) -> None:
        return


class ForgetsWhatItMissedToChange(Device):
    """Breaks "edits applied" after a resume: it takes live changes, but requests none from its time offline."""

    def catch_up(self) -> None:
        return


class DoesNotResume(Device):
    """Breaks "at least once": after a reconnect it waits for new frames, and does not request those it missed."""

    def resume(self) -> None:
        if self.out:
            super().resume()


class IgnoresGaps(Device):
    """Breaks "gap-free": it shows a message at any position, and does not request the messages missing before it."""

    def _take_message(self, message: dict[str, Any]) -> None:
        self.live.append(message["seq"])
        if not self.out:
            self.keep([message])

    def _read_on(self) -> None:
        """Requests messages after the last one shown, which is correct only for a client without gaps."""
        if self.shown:
            return
        super()._read_on()


class ShowsTwice(Device):
    """Breaks "deduplicated": it lists a repeated message again."""

    def keep(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            place = message["seq"]
            while place in self.shown:
                place += 2.0**-20
            self.shown[place] = message


class ShufflingWorld(World):
    """Breaks "ordered": frames of one conversation reach the sockets in another order than the stream's."""

    def _fan_out(self, batch: list[dict[str, Any]]) -> set[str]:
        self.random.shuffle(batch)
        return super()._fan_out(batch)


class ForgetfulWorld(World):
    """Breaks "at least once": the function acknowledges messages that it does not store."""

    def send(self, device: Device) -> None:
        super().send(device)
        if self.random.random() < 0.1:
            self.sent[device.conversation].add((device.user, f"lost{self._number}"))


class ResendingWorld(World):
    """Breaks deduplication by ``clientMessageId``: a retry uses a new one."""

    def send(self, device: Device) -> None:
        super().send(device)
        if self.random.random() < 0.1 and not self._is_out(device):
            before = set(self.sent[device.conversation])
            super().send(device)
            self.sent[device.conversation] = before


class EagerWorld(World):
    """Frames of dead-lettered records are lost, and no device reconnects to resume."""

    def settle(self) -> None:
        self._faults = False
        while self.relay.step(10) or self.fanout.step(10):
            pass


class RestlessWorld(World):
    """Many edits while devices connect and disconnect; frames overtake the answers that devices requested."""

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
def test_a_client_that_omits_a_step_is_caught(fresh: Aws, client: type[Device], world: type[World]) -> None:
    assert any(is_caught(world(fresh, seed, client=client)) for seed in _SEEDS), client.__doc__


@pytest.mark.timeout(400)
def test_a_correct_client_is_not_caught_in_the_same_world(fresh: Aws) -> None:
    assert not is_caught(RestlessWorld(fresh, _SEEDS[0]))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("world", [ShufflingWorld, ForgetfulWorld, ResendingWorld, EagerWorld])
def test_a_network_that_breaks_a_promise_is_caught(fresh: Aws, world: type[World]) -> None:
    assert any(is_caught(world(fresh, seed)) for seed in _SEEDS), world.__doc__
