"""The ASGI application: MiniStack, with our health page, record signal and snapshots around it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from emulation.emulator import layer_archives, mailbox, seams, streams
from emulation.emulator.admission import REFUSAL, Admission, invokes
from emulation.emulator.durability import ALL, TABLES, Durability, touched_services
from emulation.emulator.integrity import JOURNAL_NAME
from emulation.emulator.journal import record_writes, replay
from emulation.emulator.lambdas.service import LambdaService, environments
from emulation.emulator.seams import ASGIApp, Receive, Scope, Send
from emulation.emulator.slots import Caller, caller
from emulation.heartbeat import beat

log = logging.getLogger("emulation.emulator")

LONGEST_WAIT_SECONDS = 30.0
INSTANCE_HEADER = b"x-asyncsns-instance"
#: ``background``: nobody waits for the function that this request invokes.
CALLER_HEADER = b"x-asyncsns-caller"


@dataclass
class Host:
    """Wraps MiniStack's own application; ``status`` is ``starting`` until its state is loaded."""

    inner: ASGIApp
    durability: Durability
    signal: streams.RecordSignal
    workers: LambdaService
    admission: Admission
    status: str = "starting"
    started_at: float = field(default_factory=time.time)
    _keeper: asyncio.Task[None] | None = None
    _beating: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] != "http":
            caller.set(Caller.INTERACTIVE)
            await self.inner(scope, receive, send)
        elif scope["path"] == "/_health":
            await _answer(send, self.health())
        elif scope["path"] == "/_asyncsns/records":
            await self._records(scope, send)
        elif scope["path"] == "/_asyncsns/environments":
            await _answer(send, {"environments": environments()})
        else:
            await self._admit(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = who_calls(scope["headers"])
        caller.set(who)
        if who is not Caller.INTERACTIVE or not invokes(scope["path"]):
            await self._forward(scope, receive, send)
        elif await self.admission.enter():
            try:
                await self._forward(scope, receive, send)
            finally:
                self.admission.leave()
        else:
            await _answer(send, REFUSAL, status=429)

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        touched = touched_services(scope["method"], scope["path"], scope["headers"])
        named = _reads_stream(scope["headers"])
        browser = _has_header(scope["headers"], b"origin") or not _has_header(scope["headers"], b"x-amz-target")
        if scope["method"] != "POST" and not touched and not named:
            await self.inner(scope, receive, send)
            return

        async def send_and_note(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                # Before the answer leaves: what is acknowledged must be in the next snapshot.
                self.durability.touch(touched)
                self.durability.journal.flush()
                headers = message.get("headers", [])
                if not browser:
                    headers = [one for one in headers if not _is_for_browsers(one[0])]
                if named:
                    headers = [*headers, (INSTANCE_HEADER, self.signal.instance.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await self.inner(scope, receive, send_and_note)

    async def _records(self, scope: Scope, send: Send) -> None:
        """``GET /_asyncsns/records?known=K&seconds=S``: ends of all streams, once they are not those of ``K``."""
        query = parse_qs(scope.get("query_string", b"").decode())
        try:
            seconds = min(float(query.get("seconds", ["10"])[0]), LONGEST_WAIT_SECONDS)
        except ValueError:
            await _answer(send, {"message": "seconds: expected a number"}, status=400)
            return
        await _answer(send, await self.signal.wait_beyond(query.get("known", [""])[0], seconds))

    def health(self) -> dict[str, Any]:
        return {
            "service": "emulator",
            "status": "degraded" if self.durability.last_error else self.status,
            "ministack": seams.PINNED_VERSION,
            "pumpsStreams": False,
            "socketFrames": "aws",
            "uptimeSeconds": round(time.time() - self.started_at, 1),
            "snapshot": {
                "taken": self.durability.snapshots,
                "pending": sorted(self.durability.dirty),
                "journalBytes": self.durability.journal.size,
                "last": self.durability.last,
                "error": self.durability.last_error or None,
            },
            "lambda": {**self.workers.describe(), "waitingOutside": self.admission.waiting},
        }

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_and_stop() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._stop()
            return message

        async def send_and_start(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._start()
            await send(message)

        await self.inner(scope, receive_and_stop, send_and_start)

    def _start(self) -> None:
        seams.own_saving()
        if layer_archives.settle():
            self.durability.touch(frozenset({ALL}))
        layer_archives.remove_unused()
        hook = seams.module("core.persistence")._json_object_hook
        store, journal = self.durability.store, self.durability.journal
        streams.restore(store.load(streams.STATE_NAME, hook))
        mailbox.restore(store.load(mailbox.STATE_NAME, hook))
        known = store.load(JOURNAL_NAME, hook)
        replayed = replay(journal, known["first"]) if known else 0
        journal.open()
        record_writes(journal, replaced=lambda: self.durability.touch(TABLES))
        # Always once at start: only what a generation names can be replayed.
        self.durability.touch(TABLES)
        log.info("emulator is up, %d journalled writes done again", replayed)
        self.signal.bind(asyncio.get_running_loop())
        self._keeper = asyncio.create_task(self.durability.run(), name="snapshots")
        self._beating = asyncio.create_task(beat(), name="heartbeat")
        self.workers.start(asyncio.get_running_loop())
        self.status = "ok"

    async def _stop(self) -> None:
        self.status = "stopping"
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=10)
        self.workers.stop()
        self.durability.final()
        if self._beating is not None:
            self._beating.cancel()


def who_calls(headers: list[tuple[bytes, bytes]]) -> Caller:
    """Functions' calls carry how deep they are; the stream pump says that nobody waits for its own."""
    _, depth = seams.invocation_depth()
    if _has_header(headers, depth.lower().encode()):
        return Caller.NESTED
    return Caller.BACKGROUND if (CALLER_HEADER, b"background") in headers else Caller.INTERACTIVE


def _has_header(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bool:
    return any(name == wanted for name, _ in headers)


def _is_for_browsers(name: bytes) -> bool:
    """MiniStack gives these to everybody; AWS gives them to browsers and by S3. SDKs pay for reading each."""
    name = name.lower()
    return name.startswith(b"access-control-") or name in (b"x-amz-id-2", b"x-amz-request-id")


def _reads_stream(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"x-amz-target" and value.startswith((b"DynamoDBStreams_", b"Kinesis_")) for name, value in headers
    )


async def _answer(send: Send, body: dict[str, Any], status: int = 200) -> None:
    content = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
