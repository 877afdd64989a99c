"""Which caller gets the next slot when all are taken."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from emulation.emulator.slots import Caller, Slots, caller, detached

INTERACTIVE, BACKGROUND, NESTED = Caller.INTERACTIVE, Caller.BACKGROUND, Caller.NESTED


def _until(probe: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.002)


class Crowd:
    """Threads that wait for a slot; ``order`` lists the callers in the order in which they got one."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.order: list[str] = []
        self._threads: list[threading.Thread] = []

    def arrive(self, name: str, who: Caller) -> None:
        """Returns once the caller waits, or has its slot."""
        before = self.slots.waiting()[str(who)]

        def enter() -> None:
            if self.slots.enter(who, 60):
                self.order.append(name)

        thread = threading.Thread(target=enter)
        thread.start()
        self._threads.append(thread)
        _until(lambda: name in self.order or self.slots.waiting()[str(who)] > before)

    def leave(self, who: Caller, times: int = 1) -> None:
        """Releases slots one by one: the next caller has its slot before another is released."""
        for _ in range(times):
            expected = len(self.order) + bool(sum(self.slots.waiting().values()))
            self.slots.leave(who)
            _until(lambda expected=expected: len(self.order) >= expected)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()


def test_calls_beyond_the_limit_wait_and_run_in_order() -> None:
    crowd = Crowd(Slots(2))
    for name in "abcdef":
        crowd.arrive(name, INTERACTIVE)
    assert crowd.slots.running[INTERACTIVE] == 2
    assert crowd.slots.waiting() == {"interactive": 4, "background": 0}
    crowd.leave(INTERACTIVE, 4)
    crowd.join()
    assert crowd.order[2:] == ["c", "d", "e", "f"]


def test_background_work_leaves_room_for_people() -> None:
    crowd = Crowd(Slots(4))
    for number in range(10):
        crowd.arrive(f"b{number}", BACKGROUND)
    assert crowd.slots.running[BACKGROUND] == 3
    crowd.arrive("person", INTERACTIVE)
    _until(lambda: "person" in crowd.order)
    crowd.leave(BACKGROUND, 10)
    crowd.join()


def test_interactive_calls_go_first_without_starving_background_work() -> None:
    crowd = Crowd(Slots(1))
    crowd.arrive("first", INTERACTIVE)
    for number in range(3):
        crowd.arrive(f"b{number}", BACKGROUND)
    for number in range(6):
        crowd.arrive(f"p{number}", INTERACTIVE)
    for _ in range(10):
        busy = INTERACTIVE if crowd.slots.running[INTERACTIVE] else BACKGROUND
        crowd.leave(busy)
    crowd.join()
    assert crowd.order == ["first", "p0", "p1", "b0", "p2", "p3", "p4", "b1", "p5", "b2"]


def test_nested_calls_do_not_wait_for_the_slot_that_waits_for_them() -> None:
    slots = Slots(1)
    assert slots.enter(INTERACTIVE, 20)
    assert slots.enter(NESTED, 20)
    assert slots.enter(NESTED, 20)
    slots.leave(NESTED)
    slots.leave(NESTED)
    slots.leave(INTERACTIVE)
    assert sum(slots.running.values()) == 0


def test_a_timed_out_waiter_leaves_the_queue_in_order() -> None:
    slots = Slots(1)
    assert slots.enter(INTERACTIVE, 20)
    assert not slots.enter(INTERACTIVE, 0.05)
    assert not slots.enter(BACKGROUND, 0.05)
    assert (slots.refused, slots.waiting()) == (2, {"interactive": 0, "background": 0})
    slots.leave(INTERACTIVE)
    assert slots.enter(BACKGROUND, 20)


def test_many_threads_never_run_more_than_the_limit() -> None:
    slots, running, most, lock = Slots(3), 0, 0, threading.Lock()

    def work(who: Caller) -> None:
        nonlocal running, most
        assert slots.enter(who, 60)
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.001)
        with lock:
            running -= 1
        slots.leave(who)

    threads = [threading.Thread(target=work, args=((INTERACTIVE, BACKGROUND)[n % 2],)) for n in range(120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert most == 3
    assert sum(slots.running.values()) == 0


@pytest.mark.parametrize("who", [INTERACTIVE, NESTED])
def test_detached_work_counts_as_background(who: Caller) -> None:
    seen = []
    token = caller.set(who)
    detached(lambda: seen.append(caller.get()))()
    assert caller.get() is who
    caller.reset(token)
    assert seen == [BACKGROUND]


def test_invocations_beyond_what_the_processors_serve_wait_for_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulation.emulator.slots._STALLED_S", 3600)
    slots = Slots(4, busy=2)
    crowd = Crowd(slots)
    for name in "abcd":
        crowd.arrive(name, INTERACTIVE)
    assert crowd.order == ["a", "b"]
    crowd.leave(INTERACTIVE)
    assert crowd.order == ["a", "b", "c"]
    crowd.leave(INTERACTIVE, 3)
    crowd.join()


def test_functions_that_only_wait_leave_room_for_others_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulation.emulator.slots._STALLED_S", 0)
    slots = Slots(4, busy=2)
    crowd = Crowd(slots)
    for name in "abcde":
        crowd.arrive(name, INTERACTIVE)
    assert crowd.order == list("abcd")
    assert slots.waiting()[str(INTERACTIVE)] == 1
    crowd.leave(INTERACTIVE)
    crowd.join()
    assert crowd.order == list("abcde")


def test_threads_get_a_slot_when_no_function_ends() -> None:
    slots = Slots(3, busy=1)
    begun = time.monotonic()
    for number in range(3):
        assert slots.enter(INTERACTIVE, 60)
        assert time.monotonic() - begun >= 0.1 * number
    assert not slots.enter(INTERACTIVE, 0.25)
    assert slots.refused == 1


def test_on_the_event_loop_one_invocation_after_the_other_gets_a_slot_when_no_function_ends() -> None:
    async def enter_all() -> list[float]:
        slots, begun = Slots(4, busy=1), time.monotonic()

        async def enter() -> float:
            assert await slots.enter_soon(INTERACTIVE, 60)
            return time.monotonic() - begun

        return await asyncio.gather(*(enter() for _ in range(4)))

    for number, after in enumerate(asyncio.run(enter_all())):
        assert after >= 0.1 * number


def test_background_work_leaves_a_slot_of_the_busy_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulation.emulator.slots._STALLED_S", 3600)
    slots = Slots(8, busy=4)
    crowd = Crowd(slots)
    for name in "abcd":
        crowd.arrive(name, BACKGROUND)
    crowd.arrive("person", INTERACTIVE)
    assert crowd.order == ["a", "b", "c", "person"]
    crowd.leave(BACKGROUND)
    crowd.join()
