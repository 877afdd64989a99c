"""A call peer outside browsers: aiortc, using only the public protocol."""

from __future__ import annotations

import asyncio
import fractions
import threading
from typing import Any, Self

import aioice.ice
import numpy
from aiortc import AudioStreamTrack, MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame

from kit.client import Socket
from kit.client.socket import Frame

_RATE = 48_000
_SAMPLES = _RATE // 50


class Tone(AudioStreamTrack):
    """A 440 Hz tone; aiortc's own audio track is silent."""

    async def recv(self) -> AudioFrame:
        silent = await super().recv()
        at = (silent.pts or 0) * _RATE // silent.sample_rate + numpy.arange(_SAMPLES)
        wave = (numpy.sin(at * 2 * numpy.pi * 440 / _RATE) * 12_000).astype(numpy.int16)
        frame: AudioFrame = AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _RATE, int(at[0]), fractions.Fraction(1, _RATE)
        return frame


class OutsidePeer:
    """Accepts the call that rings at ``socket``, and exchanges media in it.

    It answers offers, sends a tone and a green picture, and counts the received frames.
    """

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._take_part()), daemon=True)
        self._drains: list[asyncio.Future[None]] = []
        #: Frames by kind.
        self.received = {"audio": 0, "video": 0}
        #: The error that ended the peer early.
        self.fault: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(20)
        if self.fault:
            raise self.fault

    async def _take_part(self) -> None:
        # Loopback only: aioice omits it, and a machine may have no other address.
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        connection = RTCPeerConnection()
        connection.on("track", self._count)
        try:
            await self._follow(connection)
        except BaseException as error:
            self.fault = error
        finally:
            for one in self._drains:
                one.cancel()
            await connection.close()

    async def _follow(self, connection: RTCPeerConnection) -> None:
        ringing = await asyncio.to_thread(self._socket.wait, "call.ringing")
        here = {"callId": ringing["data"]["call"]["id"]}
        await asyncio.to_thread(self._socket.send, "call.accept", here)
        seen = 0
        while not self._is_over.is_set():
            for _, event in self._socket.events[seen:]:
                seen += 1
                if event["type"] == "call.signal":
                    await self._take(connection, here, event["data"])
            await asyncio.sleep(0.02)

    async def _take(self, connection: RTCPeerConnection, here: Frame, signal: Frame) -> None:
        if description := signal.get("description"):
            await connection.setRemoteDescription(RTCSessionDescription(description["sdp"], description["type"]))
            if description["type"] == "offer":
                await self._answer(connection, here)
        for one in signal.get("candidates", []):
            await self._add(connection, one)

    async def _answer(self, connection: RTCPeerConnection, here: Frame) -> None:
        if not any(sender.track for sender in connection.getSenders()):
            connection.addTrack(Tone())
            connection.addTrack(VideoStreamTrack())
        await connection.setLocalDescription(await connection.createAnswer())
        answer = {"type": "answer", "sdp": connection.localDescription.sdp}
        await asyncio.to_thread(self._socket.send, "call.signal", {**here, "description": answer})

    @staticmethod
    async def _add(connection: RTCPeerConnection, given: dict[str, Any]) -> None:
        text = given["candidate"].removeprefix("candidate:")
        if " udp " not in text.lower():
            return
        candidate = candidate_from_sdp(text)
        candidate.sdpMid, candidate.sdpMLineIndex = given.get("sdpMid"), given.get("sdpMLineIndex")
        await connection.addIceCandidate(candidate)

    def _count(self, track: MediaStreamTrack) -> None:
        self._drains.append(asyncio.ensure_future(self._drain(track)))

    async def _drain(self, track: MediaStreamTrack) -> None:
        while not self._is_over.is_set():
            await track.recv()
            self.received[track.kind] += 1
