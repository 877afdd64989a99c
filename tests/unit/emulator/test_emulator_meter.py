"""What the meter records about invocations."""

from __future__ import annotations

from emulation.emulator.meter import Meter


def test_the_start_of_an_environment_counts_only_to_its_first_invocation() -> None:
    meter = Meter()
    meter.worked("f", 5_000_000, 5_000_000, cold=False)
    meter.begin()
    meter.worked("f", 2_000_000, 90_000_000, cold=True)
    for nanoseconds in (3_000_000, 4_000_000):
        meter.worked("f", nanoseconds, 99_000_000, cold=False)
    found = meter.describe()
    assert (found["cold"], found["cold_processor"]) == ({"f": 1}, {"f": 90.0})
    assert (found["warm"], found["warm_processor"]) == ({"f": 2}, {"f": 7.0})


def test_the_sampled_share_is_set_while_the_meter_runs() -> None:
    meter = Meter()
    meter.begin(0.1)
    assert meter.traced == 0.1
    meter.end()
    assert meter.traced is None
