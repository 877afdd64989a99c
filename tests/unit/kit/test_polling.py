"""How often the kit's client polls what it waits for."""

from __future__ import annotations

import time

import pytest

from kit.client.api import wait_for


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def _after(polls: int, *, slowing: bool) -> None:
    numbers = iter(range(polls))
    wait_for(lambda: next(numbers), until=lambda number: number == polls - 1, what="the last", slowing=slowing)


def test_a_wait_that_is_measured_polls_evenly(pauses: list[float]) -> None:
    _after(5, slowing=False)
    assert pauses == [0.1] * 4


def test_other_waits_poll_less_and_less_often_but_never_rarely(pauses: list[float]) -> None:
    _after(30, slowing=True)
    assert pauses == sorted(pauses)
    assert (pauses[0], max(pauses)) == (0.1, 0.5)
    assert sum(pauses[:10]) > 2 * 10 * 0.1


def test_what_never_comes_is_named_with_what_was_read_last(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 5.0, 11.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with pytest.raises(TimeoutError, match="waited 10 s for a train; last: none yet"):
        wait_for(lambda: "none yet", until=lambda value: False, what="a train", seconds=10)
