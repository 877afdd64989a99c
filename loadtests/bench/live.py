"""Broadcasts: time to live, glass-to-glass latency, and the media server's cost per viewer.

A program (aiortc, by WHIP) sends pictures that carry the time at which they were made; the first viewer (by WHEP)
reads it from those that it has decoded. All run on this machine and share its processors: the latency holds the
encoder's and the decoder's time too, as glass to glass does. The other viewers take the media and decode them as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import numpy
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from av import VideoFrame

from kit import sfu, system
from kit.client import Api
from kit.client.api import wait_for
from kit.settings import Settings
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures

#: How many watch at once, in turns.
_VIEWERS = (1, 3, 6)
_SECONDS = 15
_PATIENCE = 120.0
_WIDTH, _HEIGHT, _CELL = 640, 480, 20
#: Of the milliseconds that a picture carries: four and a half hours.
_BITS = 24
_SDP = {"content-type": "application/sdp"}


def run(crowd: Crowd) -> list[Figure]:
    """Needs a media server: ``make up SFU=yes``."""
    if not crowd.endpoints.document.get("sfu"):
        print("  left out: this network has no media server (make up SFU=yes)")
        return []
    with Api(crowd.endpoints, crowd.accounts[0]) as host, Api(crowd.endpoints, crowd.accounts[1]) as viewer:
        for left in host.get("/v1/live")["items"]:
            if left["host"]["id"] == crowd.accounts[0].user_id:
                host.post(f"/v1/live/{left['id']}/end")
        live_id = host.post("/v1/live", {"clientLiveId": uuid.uuid4().hex, "title": "bench"})["id"]
        try:
            return asyncio.run(_measure(host, viewer, f"/v1/live/{live_id}"))
        finally:
            host.post(f"/v1/live/{live_id}/end")


async def _measure(host: Api, viewer: Api, path: str) -> list[Figure]:
    given = await asyncio.to_thread(host.post, f"{path}/ingest", {"program": True})
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(given["url"]))
    figures = []
    async with aiohttp.ClientSession(origin) as http:
        begun = time.monotonic()
        async with _publishing(http, given):
            await asyncio.to_thread(
                wait_for,
                lambda: host.get(path),
                until=lambda live: live["state"] == "live",
                what="live",
                seconds=_PATIENCE,
            )
            figures.append(Figure("live", "WHIP to live", (time.monotonic() - begun) * 1000, "ms", note="a program"))
            for count in _VIEWERS:
                figures += await _watch(http, viewer, path, count)
    return figures


def _wait_until_live(host: Api, path: str) -> None:
    wait_for(lambda: host.get(path), until=lambda live: live["state"] == "live", what="live", seconds=_PATIENCE)


async def _watch(http: aiohttp.ClientSession, viewer: Api, path: str, count: int) -> list[Figure]:
    """``count`` viewers for ``_SECONDS``."""
    given = await asyncio.to_thread(viewer.post, f"{path}/viewing", {"session": uuid.uuid4().hex})
    screens = [Screen() for _ in range(count)]
    first = [await one.open(http, given) for one in screens]
    before, since = janus_seconds(), time.monotonic()
    screens[0].latencies.clear()
    await asyncio.sleep(_SECONDS)
    lasted, used = time.monotonic() - since, janus_seconds() - before
    shown = [one.frames for one in screens]
    latencies = list(screens[0].latencies)
    for one in screens:
        await one.close()
    note = f"{count} viewers, {min(shown)} to {max(shown)} pictures each"
    return [
        *latency_figures("live", f"{count} viewers: join to first picture", first),
        *latency_figures("live", f"{count} viewers: glass to glass", latencies, note=note),
        Figure("live", f"{count} viewers: Janus's share of a processor", used / lasted * 100, "%", note=note),
    ]


class Clock(VideoStreamTrack):
    """Grey noise, which costs the encoder something, under a row of black and white cells: when it was made."""

    async def recv(self) -> VideoFrame:
        pts, base = await self.next_timestamp()
        picture = numpy.random.default_rng(pts).integers(90, 160, (_HEIGHT, _WIDTH), dtype=numpy.uint8)
        now = _milliseconds()
        for bit in range(_BITS):
            picture[:_CELL, bit * _CELL : (bit + 1) * _CELL] = 235 if now >> bit & 1 else 16
        frame: VideoFrame = VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
        frame.pts, frame.time_base = pts, base
        return frame


def _milliseconds() -> int:
    return int(time.monotonic() * 1000) % (1 << _BITS)


def _made_at(frame: VideoFrame) -> int:
    row = frame.to_ndarray(format="gray")[_CELL // 2]
    return sum(1 << bit for bit in range(_BITS) if row[bit * _CELL + _CELL // 2] > 128)


@dataclass
class Screen:
    """A viewer: counts pictures, and how old each is in seconds."""

    connection: RTCPeerConnection = field(default_factory=RTCPeerConnection)
    frames: int = 0
    latencies: list[float] = field(default_factory=list)
    shows: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self, http: aiohttp.ClientSession, given: dict[str, str]) -> float:
        """Seconds until the first picture."""
        begun, headers = time.monotonic(), {"authorization": f"Bearer {given['token']}"}
        self.connection.on("track", lambda track: self.tasks.append(asyncio.ensure_future(self._show(track))))
        async with http.post(urlsplit(given["url"]).path, headers=headers) as answer:
            offer, location = await answer.text(), answer.headers["location"]
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        body = self.connection.localDescription.sdp
        async with http.patch(location, data=body, headers=headers | _SDP) as answer:
            answer.raise_for_status()
        await asyncio.wait_for(self.shows.wait(), _PATIENCE)
        return time.monotonic() - begun

    async def _show(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(Exception):
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self.frames += 1
                    self.latencies.append((_milliseconds() - _made_at(frame)) / 1000)
                    self.shows.set()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self.connection.close()


@contextlib.asynccontextmanager
async def _publishing(http: aiohttp.ClientSession, given: dict[str, str]) -> AsyncIterator[None]:
    connection = RTCPeerConnection()
    connection.addTransceiver(Clock(), direction="sendonly")
    try:
        await connection.setLocalDescription(await connection.createOffer())
        headers = {"authorization": f"Bearer {given['token']}", **_SDP}
        body = connection.localDescription.sdp
        async with http.post(urlsplit(given["url"]).path, data=body, headers=headers) as answer:
            answer.raise_for_status()
            await connection.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
        yield
    finally:
        await connection.close()


def janus_seconds() -> float:
    """Processor time of this network's Janus so far."""
    folder = str(sfu.socket(Settings.load()).parent)
    ours = [row.pid for row in system.rows() if system.command_of(row.pid) == [sfu.PROGRAM, "-F", folder]]
    return sum(system.processor_seconds(ours).values())
