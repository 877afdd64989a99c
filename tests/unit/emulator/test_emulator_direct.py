"""Slots taken on the event loop: one queue with threads, no slot leaks. Raw events are passed on unparsed."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading

from emulation.emulator.lambdas.exchange import exchange
from emulation.emulator.lambdas.runtime import frame, receive_bytes
from emulation.emulator.lambdas.templates import EnvironmentProcess
from emulation.emulator.raw import RawEvent, RawResult
from emulation.emulator.slots import Caller, Slots


async def _turns(slots: Slots, count: int) -> None:
    """Runs the event loop until ``count`` callers wait."""
    while slots.waiting()[Caller.INTERACTIVE] < count:  # noqa: ASYNC110 - a thread sets it, too
        await asyncio.sleep(0)


def test_the_loop_and_threads_take_turns_in_one_queue() -> None:
    slots, order = Slots(1), []

    async def on_loop() -> None:
        assert await slots.enter_soon(Caller.INTERACTIVE, 30)
        order.append("loop")
        slots.leave(Caller.INTERACTIVE)

    def in_thread() -> None:
        assert slots.enter(Caller.INTERACTIVE, 30)
        order.append("thread")
        slots.leave(Caller.INTERACTIVE)

    async def run() -> None:
        assert await slots.enter_soon(Caller.INTERACTIVE, 0)
        first = asyncio.create_task(on_loop())
        await _turns(slots, 1)
        thread = threading.Thread(target=in_thread)
        thread.start()
        await _turns(slots, 2)
        second = asyncio.create_task(on_loop())
        await _turns(slots, 3)
        slots.leave(Caller.INTERACTIVE)
        await asyncio.gather(first, second)
        thread.join()

    asyncio.run(run())
    assert order == ["loop", "thread", "loop"]
    assert slots.running[Caller.INTERACTIVE] == 0


def test_callers_that_time_out_or_leave_hold_no_slot() -> None:
    slots = Slots(1)

    async def run() -> None:
        assert await slots.enter_soon(Caller.INTERACTIVE, 0)
        assert not await slots.enter_soon(Caller.INTERACTIVE, 0.01)
        left = asyncio.create_task(slots.enter_soon(Caller.INTERACTIVE, 30))
        late = asyncio.create_task(slots.enter_soon(Caller.INTERACTIVE, 30))
        await _turns(slots, 2)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        slots.leave(Caller.INTERACTIVE)  # now it is the turn of `late`
        late.cancel()
        await asyncio.gather(late, return_exceptions=True)

    asyncio.run(run())
    assert slots.running[Caller.INTERACTIVE] == 0
    assert (slots.refused, slots.waiting()[Caller.INTERACTIVE]) == (2, 0)


def _environment(answer: bytes) -> tuple[EnvironmentProcess, socket.socket]:
    """An environment without a process of its own that has already sent its answer."""
    ours, theirs = socket.socketpair()
    output, its_output = os.pipe()
    os.set_blocking(output, False)
    os.close(its_output)
    theirs.sendall(frame(answer))
    return EnvironmentProcess(os.getpid(), ours, output), theirs


def test_a_raw_event_and_its_result_are_passed_on_as_they_are() -> None:
    result = b'{"body": "x,\\"processor\\":[9,9]}", "n": 1.50}'
    process, theirs = _environment(b'{"result":' + result + b',"processor":[5,7]}')
    message = {"event": RawEvent(b'{"a" : 1.50}'), "request_id": "r", "timeout": 3.0}
    answer, _ = exchange(process, message, 60)
    assert answer == {"result": RawResult(result), "processor": [5, 7]}
    sent = receive_bytes(theirs)
    assert sent is not None
    assert sent.startswith(b'{"event":{"a" : 1.50},')
    assert json.loads(sent) == {"event": {"a": 1.5}, "request_id": "r", "timeout": 3.0}
    process.close()
    theirs.close()


def test_a_failure_is_described_for_raw_events_too() -> None:
    process, theirs = _environment(b'{"failed": {"errorType": "ValueError"}}')
    answer, _ = exchange(process, {"event": RawEvent(b"{}")}, 60)
    assert answer == {"failed": {"errorType": "ValueError"}}
    process.close()
    theirs.close()
