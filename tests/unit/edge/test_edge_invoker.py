"""The edge's client of the invocation port, against a port that the test opens."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from emulation.aws.invocation_frames import Came, Frames, frame
from emulation.aws.upstream import BrokenError, UpstreamTimeoutError
from emulation.edge.invoker import BY_HTTP, Invoker

Serve = Callable[[list[tuple[int, bytes]], asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def port(serve: Serve, calls: int = 1) -> AsyncIterator[Path]:
    """Passes ``calls`` frames to ``serve`` once that many have arrived."""
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        frames, got = Frames(), list[tuple[int, bytes]]()
        while len(got) < calls and (data := await reader.read(4096)):
            got += frames.of(data)
        await serve(got, writer)

    # Not pytest's folder: its path may exceed the length limit of a Unix socket path.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        server = await asyncio.start_unix_server(connected, path)
        try:
            yield path
        finally:
            server.close()
            for writer in writers:
                writer.close()
                await writer.wait_closed()


async def test_answers_come_in_any_order_on_one_connection() -> None:
    async def backwards(got: list[tuple[int, bytes]], writer: asyncio.StreamWriter) -> None:
        for number, content in reversed(got):
            head, _, event = content.partition(b"\n")
            writer.write(frame(number, bytes((Came.ANSWERED,)), json.loads(head)["uri"].encode(), event))

    async with port(backwards, calls=3) as path:
        invoker = Invoker(path)
        answers = await asyncio.gather(*(invoker.invoke({"uri": one}, one.encode(), 60) for one in "abc"))
        assert answers == [(Came.ANSWERED, one.encode() * 2) for one in "abc"]
        assert invoker.is_connected
        invoker.close()


async def test_a_connection_that_ends_breaks_its_calls_and_the_next_goes_by_http() -> None:
    async def end(_: list[tuple[int, bytes]], writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with port(end) as path:
        invoker = Invoker(path)
        with pytest.raises(BrokenError):
            await invoker.invoke({}, b"{}", 60)
        assert not invoker.is_connected
    assert await invoker.invoke({}, b"{}", 60) == BY_HTTP
    assert not invoker.is_reachable()


async def test_a_late_answer_is_a_timeout_and_does_not_disturb_other_requests() -> None:
    late = asyncio.Event()

    async def answer_the_second(got: list[tuple[int, bytes]], writer: asyncio.StreamWriter) -> None:
        await late.wait()
        for number, _ in got:
            writer.write(frame(number, bytes((Came.ANSWERED,)), b"%d" % number))

    async with port(answer_the_second, calls=2) as path:
        invoker = Invoker(path)
        with pytest.raises(UpstreamTimeoutError):
            await invoker.invoke({}, b"{}", 0)
        late.set()
        assert await invoker.invoke({}, b"{}", 60) == (Came.ANSWERED, b"2")
        invoker.close()


async def test_without_a_path_everything_goes_by_http() -> None:
    invoker = Invoker(None)
    assert not invoker.is_reachable()
    assert await invoker.invoke({}, b"{}", 60) == BY_HTTP
