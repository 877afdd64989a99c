"""Invocations beyond the concurrency limit wait before they are read; the longest idle environments are stopped."""

from __future__ import annotations

import asyncio
import threading
import types
from typing import Any

import pytest

from emulation.emulator import admission, seams
from emulation.emulator.admission import Admission, arrived, invokes, patience_left
from emulation.emulator.server import who_calls
from emulation.emulator.slots import PATIENCE, Caller


@pytest.mark.parametrize(
    ("path", "invoked"),
    [
        ("/_aws/execute-api/a5c0de01/v1/timelines/home", True),
        ("/_aws/execute-api/a5c0de01/local/@connections/abc=", False),
        ("/2015-03-31/functions/f/invocations", True),
        ("/2015-03-31/functions/f", False),
        ("/", False),
    ],
)
def test_only_function_invocations_wait_for_admission(path: str, invoked: bool) -> None:
    assert invokes(path) is invoked


def test_headers_name_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seams, "invocation_depth", lambda: ("DEPTH", "X-Depth"))
    assert who_calls([(b"host", b"localhost")]) is Caller.INTERACTIVE
    assert who_calls([(b"x-depth", b"1")]) is Caller.NESTED
    assert who_calls([(b"x-asyncsns-caller", b"background")]) is Caller.BACKGROUND


async def test_first_come_first_served() -> None:
    doors, order = Admission(2), []

    async def visit(number: int) -> None:
        assert await doors.enter()
        order.append(number)
        await leaving.wait()
        doors.leave()

    leaving = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(visit(number))
        for _ in range(10):  # more event loop iterations than the visits need
            await asyncio.sleep(0)
        assert (order, doors.waiting) == ([0, 1], 4)
        leaving.set()
    assert order == [0, 1, 2, 3, 4, 5]
    assert doors.waiting == 0


async def test_a_timed_out_waiter_takes_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    doors = Admission(1)
    assert await doors.enter()
    monkeypatch.setitem(PATIENCE, Caller.INTERACTIVE, 0.01)
    assert not await doors.enter()
    doors.leave()
    assert await doors.enter()


def test_time_spent_before_admission_counts_as_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "monotonic", lambda: 130.0)
    token = arrived.set(110.0)
    assert patience_left(Caller.INTERACTIVE) == 9.0
    arrived.set(50.0)
    assert patience_left(Caller.INTERACTIVE) == 0.0
    arrived.reset(token)
    assert patience_left(Caller.BACKGROUND) == PATIENCE[Caller.BACKGROUND]


class Worker:
    def __init__(self, last_used: float, *, in_use: bool = False) -> None:
        self.last_used, self.in_use, self.ended = last_used, in_use, False

    def kill(self) -> None:
        self.ended = True


def test_the_environments_that_were_idle_longest_make_room() -> None:
    old, newer, busy, new = Worker(1), Worker(2), Worker(0, in_use=True), Worker(3, in_use=True)
    runtime: Any = types.SimpleNamespace(_lock=threading.Lock(), _workers={"f": [newer, busy], "g": [old], "h": [new]})
    seams._end_longest_idle(runtime, 3)
    assert [worker.ended for worker in (old, newer, busy, new)] == [True, False, False, False]
    assert runtime._workers == {"f": [newer, busy], "g": [], "h": [new]}
    seams._end_longest_idle(runtime, 1)
    assert [worker.ended for worker in (old, newer, busy, new)] == [True, True, False, False]
