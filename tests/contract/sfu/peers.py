"""Media server peers outside browsers: aiortc with WHIP and WHEP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx
import numpy
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from av import AudioFrame

from tests.browser.outside_peer import Tone
from tests.contract.emulator_process import wait_until

SDP = {"content-type": "application/sdp"}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@contextlib.asynccontextmanager
async def publishing(http: httpx.AsyncClient, path: str, token: str) -> AsyncIterator[RTCPeerConnection]:
    """Publish a tone and a green picture until the block ends; then the publisher disappears without a DELETE."""
    connection = RTCPeerConnection()
    for track in (Tone(), VideoStreamTrack()):
        connection.addTransceiver(track, direction="sendonly")
    try:
        await connection.setLocalDescription(await connection.createOffer())
        body = connection.localDescription.sdp
        answer = await http.post(path, content=body, headers=SDP | bearer(token))
        assert answer.status_code == 201, answer.text
        await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        yield connection
    finally:
        await connection.close()


@dataclass
class Viewer:
    """Counts the decoded frames; ``loudness`` is the largest audio sample."""

    connection: RTCPeerConnection = field(default_factory=RTCPeerConnection)
    frames: dict[str, int] = field(default_factory=lambda: {"audio": 0, "video": 0})
    loudness: int = 0
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def _count(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(Exception):
            while True:
                frame = await track.recv()
                self.frames[track.kind] += 1
                if isinstance(frame, AudioFrame):
                    self.loudness = max(self.loudness, int(numpy.abs(frame.to_ndarray().astype(int)).max()))

    async def watch(self, http: httpx.AsyncClient, path: str, token: str, *, offers: bool = False) -> None:
        """``offers``: the viewer sends its own offer, which the server answers with a counter-offer."""
        self.connection.on("track", lambda track: self.tasks.append(asyncio.ensure_future(self._count(track))))
        body, status = (b"v=0\r\n", 406) if offers else (b"", 201)
        offer = await http.post(path, content=body, headers=bearer(token) | (SDP if offers else {}))
        assert offer.status_code == status, offer.text
        await self.connection.setRemoteDescription(RTCSessionDescription(offer.text, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        answer = self.connection.localDescription.sdp
        done = await http.patch(offer.headers["location"], content=answer, headers=SDP | bearer(token))
        assert done.status_code == 204, done.text

    async def sees_and_hears(self) -> None:
        seen = dict(self.frames)
        await until(lambda: all(self.frames[kind] > seen[kind] + 10 for kind in seen) and self.loudness > 1000)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self.connection.close()


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Poll the condition while the peers keep running."""
    await asyncio.to_thread(wait_until, condition, seconds, "the media server to do it", str)
