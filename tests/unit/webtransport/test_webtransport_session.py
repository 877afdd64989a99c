"""One session of the WebTransport server: frames, API Gateway's limits, and a slow device."""

from __future__ import annotations

import json

import pytest

from emulation.aws.socket_limits import FRAME_LIMIT, IDLE_SECONDS, LIFETIME_SECONDS
from emulation.webtransport.functions import Caller
from emulation.webtransport.session import (
    GOING_AWAY,
    INBOX_LIMIT,
    LENGTH,
    OUTBOX_LIMIT,
    POLICY,
    STUCK_SECONDS,
    TOO_LARGE,
    TRY_LATER,
    Session,
)

STREAM = 4


class FakeWire:
    """Records writes; ``taken`` is the number of bytes that the device has acknowledged."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.taken = 0
        self.ended: list[int] = []

    def write(self, stream: int, data: bytes) -> None:
        assert stream == STREAM
        self.written += data

    def waiting(self, stream: int) -> int:
        return len(self.written) - self.taken

    def end(self, session_id: int, code: int, reason: str) -> None:
        self.ended.append(code)


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.wire = FakeWire()
        self.closed: list[int] = []
        caller = Caller("wt.a", "live", "127.0.0.1", {}, {})
        self.session = Session(0, caller, self.wire, lambda _, code, __: self.closed.append(code), lambda: self.now)

    def frames(self) -> list[str]:
        return [self.session.inbox.get_nowait() for _ in range(self.session.inbox.qsize())]


@pytest.fixture
def world() -> World:
    return World()


def framed(*texts: str) -> bytes:
    return b"".join(LENGTH.pack(len(text.encode())) + text.encode() for text in texts)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_frames_are_put_together_however_the_stream_cuts_them(world: World, size: int) -> None:
    data = framed("", '{"a":1}', "京都" * 100)
    for start in range(0, len(data), size):
        world.session.take(STREAM, data[start : start + size])
    assert world.frames() == ['{"a":1}', "京都" * 100]


def test_frames_posted_before_the_stream_opens_wait_for_it(world: World) -> None:
    assert world.session.post(b"first")
    assert not world.wire.written
    world.session.take(STREAM, framed(""))
    world.session.post(b"second")
    assert bytes(world.wire.written) == framed("first", "second")


def test_the_largest_frame_passes_and_a_larger_one_ends_the_session(world: World) -> None:
    world.session.take(STREAM, framed("x" * FRAME_LIMIT))
    assert len(world.frames()[0]) == FRAME_LIMIT
    world.session.take(STREAM, LENGTH.pack(FRAME_LIMIT + 1))
    assert world.closed == world.wire.ended == [TOO_LARGE]


@pytest.mark.parametrize("data", [LENGTH.pack(2) + b"\xff\xfe", b"second stream"])
def test_binary_data_or_a_second_stream_ends_the_session(world: World, data: bytes) -> None:
    world.session.take(STREAM, framed("{}"))
    world.session.take(STREAM + 4 if data == b"second stream" else STREAM, data)
    assert world.closed == [POLICY]


def test_more_frames_than_may_wait_end_the_session(world: World) -> None:
    world.session.take(STREAM, framed(*["{}"] * INBOX_LIMIT))
    assert not world.closed
    world.session.take(STREAM, framed("{}"))
    assert world.closed == [TRY_LATER]


def test_a_device_that_reads_nothing_gets_no_more_frames_and_is_disconnected(world: World) -> None:
    world.session.take(STREAM, framed(""))
    posted = 0
    while world.session.post(b"x" * 1000):
        posted += 1
    assert len(world.wire.written) <= OUTBOX_LIMIT + LENGTH.size * posted
    # The device acknowledges some bytes: the buffer has room again, and the timer restarts.
    world.session.check()
    world.wire.taken += 5000
    assert world.session.post(b"x" * 1000)
    world.now += STUCK_SECONDS - 1
    world.session.check()
    world.now += STUCK_SECONDS - 1
    world.session.check()
    assert not world.closed
    world.now += STUCK_SECONDS
    world.session.check()
    assert world.closed == [TRY_LATER]


@pytest.mark.parametrize("limit", [IDLE_SECONDS, LIFETIME_SECONDS])
def test_idle_and_old_sessions_are_closed_with_going_away(world: World, limit: float) -> None:
    world.session.take(STREAM, framed("{}"))
    while world.now < limit - 2:
        world.now += IDLE_SECONDS / 2 if limit == LIFETIME_SECONDS else limit
        world.session.check()
        if limit == LIFETIME_SECONDS and world.now < limit:
            world.session.take(STREAM, framed("{}"))
            world.frames()
    world.now = max(world.now, limit)
    world.session.check()
    assert world.closed == [GOING_AWAY]


def test_a_session_ends_only_once(world: World) -> None:
    world.session.ended(1006, "lost")
    world.session.close()
    world.session.take(STREAM, framed(json.dumps({"action": "ping"})))
    assert world.closed == [1006]
    assert not world.frames()
