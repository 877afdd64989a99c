"""API Gateway Developer Guide: "Quotas for configuring and running a WebSocket API", "Set up a WebSocket API"."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.contract.edge_support import EdgeNetwork

FRAME = 32 * 1024
MESSAGE = 128 * 1024


async def next_error(text: str | list[str], edge: EdgeNetwork) -> dict[str, str]:
    async with connect(edge.socket) as socket:
        await socket.send(text)
        async with asyncio.timeout(60):
            answer: dict[str, str] = json.loads(await socket.recv())
        return answer


async def test_a_failed_handler_is_reported_without_its_text(edge: EdgeNetwork) -> None:
    error = await next_error("raise", edge)
    assert error.keys() == {"message", "connectionId", "requestId"}
    assert error["message"] == "Internal server error"
    assert error["connectionId"]


async def test_a_return_body_without_a_route_response_stays(edge: EdgeNetwork) -> None:
    """The first message's body must not be returned: the first frame to arrive is the second message's error."""
    async with connect(edge.socket) as socket:
        await socket.send("hello")
        await socket.send("raise")
        async with asyncio.timeout(60):
            assert json.loads(await socket.recv())["message"] == "Internal server error"


async def test_a_frame_of_32_kb_passes_and_a_longer_one_closes_with_1009(edge: EdgeNetwork) -> None:
    assert (await next_error("raise" + "a" * (FRAME - 5), edge))["message"] == "Internal server error"
    async with connect(edge.socket) as socket:
        await socket.send("a" * (FRAME + 1))
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1009


async def test_a_message_of_128_kb_in_frames_passes_and_a_longer_one_closes(edge: EdgeNetwork) -> None:
    frames = ["raise" + "a" * (FRAME - 5)] + ["a" * FRAME] * 3
    assert (await next_error(frames, edge))["message"] == "Internal server error"
    async with connect(edge.socket) as socket:
        await socket.send([*frames, "a"])
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1009


@pytest.mark.parametrize(("suffix", "status"), [("?ticket=bad", 403), ("/other", 403)])
async def test_a_refused_handshake_has_its_status(edge: EdgeNetwork, suffix: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(edge.socket + suffix)
    assert caught.value.response.status_code == status


async def test_an_unknown_stage_is_403(edge: EdgeNetwork) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(edge.socket.replace("/live", "/other"))
    assert caught.value.response.status_code == 403
    assert json.loads(caught.value.response.body or b"")["message"] == "Forbidden"


async def test_while_api_gateway_is_down_no_socket_opens(edge: EdgeNetwork) -> None:
    edge.fault("down")
    try:
        with pytest.raises(InvalidStatus) as caught:
            await connect(edge.socket)
    finally:
        edge.fault("up")
    assert caught.value.response.status_code == 503
