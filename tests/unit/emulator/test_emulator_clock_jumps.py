"""A jump of the wall clock is told apart from elapsed time; the time that readers missed is remembered for a day."""

from __future__ import annotations

import pytest

from emulation.emulator.clock import Clock

HOUR = 3600.0


class Times:
    """A wall clock and a monotonic clock."""

    def __init__(self) -> None:
        self.shown, self.ran = 1_000_000.0, 50.0
        self.clock = Clock(lambda: self.shown, lambda: self.ran)
        assert self.clock.jump() == 0.0

    def run(self, seconds: float, drift: float = 0.0) -> None:
        self.ran += seconds
        self.shown += seconds + drift


@pytest.mark.parametrize("seconds", [HOUR, -HOUR, 20.0, -20.0])
def test_a_jump_is_seen_once(seconds: float) -> None:
    times = Times()
    times.run(1.0)
    times.shown += seconds
    assert times.clock.jump() == pytest.approx(seconds)
    times.run(1.0)
    assert times.clock.jump() == 0.0


def test_elapsed_time_is_not_a_clock_jump() -> None:
    times = Times()
    for seconds in (1.0, 600.0, 0.1):
        times.run(seconds, drift=0.2)
        assert times.clock.jump() == 0.0


def test_only_forward_jumps_count_as_missed_time_and_only_for_a_day() -> None:
    times = Times()
    times.shown += 60 * HOUR
    times.clock.jump()
    times.shown -= HOUR
    times.clock.jump()
    assert times.clock.missed() == pytest.approx(60 * HOUR)
    times.run(25 * HOUR)
    assert times.clock.missed() == 0.0
