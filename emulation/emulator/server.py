"""The ASGI application: MiniStack, with our health page, record signal and snapshots around it."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from emulation.emulator import described, layer_archives, mailbox, phone_pushes, seams, streams, unsigned
from emulation.emulator.admission import REFUSAL, Admission, invokes
from emulation.emulator.clock import CLOCK, last_written
from emulation.emulator.durability import Durability
from emulation.emulator.faults import Faults, request_of, service_of
from emulation.emulator.hot_keys import HOT_KEYS
from emulation.emulator.integrity import JOURNAL_NAME
from emulation.emulator.invocation_port import InvocationPort
from emulation.emulator.journalled import INVOCATIONS, STATES, invocations, queues
from emulation.emulator.journalled.services import look, note, record, replay
from emulation.emulator.lambdas.prepared import Prepared
from emulation.emulator.lambdas.service import LambdaService, environments
from emulation.emulator.lambdas.succession import take_over
from emulation.emulator.log_events import LogEvents
from emulation.emulator.meter import METER
from emulation.emulator.seams import ASGIApp, Receive, Scope, Send
from emulation.emulator.slots import Caller, caller
from emulation.emulator.strict import search
from emulation.emulator.touches import ALL, scope_of, touched_services
from emulation.heartbeat import beat
from emulation.settings import REGION

log = logging.getLogger("emulation.emulator")

LONGEST_WAIT_SECONDS = 30.0
INSTANCE_HEADER = b"x-asyncsns-instance"
#: ``background``: nobody waits for the function that this request invokes.
CALLER_HEADER = b"x-asyncsns-caller"
#: The part of a request's body that is searched for its operation.
_BEGINNING_BYTES = 65_536
#: An asynchronous invocation is answered before its function runs.
EVENT = (b"x-amz-invocation-type", b"Event")


@dataclass
class Host:
    """Wraps MiniStack's own application; ``status`` is ``starting`` until its state is loaded."""

    inner: ASGIApp
    durability: Durability
    signal: streams.RecordSignal
    workers: LambdaService
    admission: Admission
    logged: LogEvents
    faults: Faults
    prepared: Prepared
    #: None where the functions are elsewhere.
    invocations: InvocationPort | None = None
    status: str = "starting"
    started_at: float = field(default_factory=time.time)
    _keeper: asyncio.Task[None] | None = None
    _beating: asyncio.Task[None] | None = None
    _logging: asyncio.Task[None] | None = None
    _following: asyncio.Task[None] | None = None

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
        elif scope["path"] == "/_asyncsns/prepared" and scope["method"] == "PUT":
            status, body = await self.prepared.answer(scope["query_string"], await _whole_body(receive))
            await _answer(send, body, status=status)
        elif scope["path"] == "/_asyncsns/meter":
            await self._meter(scope, send)
        elif scope["path"] == "/_asyncsns/keys":
            await self._keys(scope, send)
        elif scope["path"] == "/_asyncsns/phones":
            await _answer(send, {"pushes": phone_pushes.shown()})
        elif scope["path"] == "/_asyncsns/mails":
            query = dict(parse_qsl(scope.get("query_string", b"").decode()))
            await _answer(send, mailbox.shown(query.get("after", "")))
        elif scope["path"] == "/_asyncsns/lines":
            await self._lines(scope, send)
        elif scope["path"] == "/_asyncsns/queues":
            await _answer(send, {"queues": described.queues()})
        elif scope["path"] == "/_asyncsns/tables":
            await _answer(send, {"tables": described.tables()})
        elif scope["path"] == "/_asyncsns/consumers":
            await _answer(send, described.consumers())
        elif scope["path"] == "/_asyncsns/faults":
            await self._change_faults(scope, receive, send)
        elif scope["path"] == "/_asyncsns/signature":
            asked = json.loads(await _whole_body(receive))
            await _answer(send, {"refused": search.refusal(asked, REGION)})
        elif (refusal := unsigned.closed(scope["path"], scope["query_string"])) is not None:
            await _answer(send, {"message": refusal.message}, status=refusal.status)
        elif self.faults.active and self.faults.in_force():
            await self._unless_struck(scope, receive, send)
        else:
            await self._admit(scope, receive, send)

    def is_usual(self) -> bool:
        """Whether nothing here looks at each request: no fault, no meter, and the state is loaded."""
        return self.status == "ok" and not METER.running and not (self.faults.active and self.faults.in_force())

    async def _meter(self, scope: Scope, send: Send) -> None:
        """``GET``, ``PUT`` (``?traced=0.1``), ``DELETE /_asyncsns/meter``."""
        if scope["method"] == "PUT":
            share = scope["query_string"].decode().removeprefix("traced=")
            METER.begin(float(share) if share else None)
        elif scope["method"] == "DELETE":
            METER.end()
        await _answer(send, METER.describe())

    async def _keys(self, scope: Scope, send: Send) -> None:
        """``GET``, ``PUT``, ``DELETE /_asyncsns/keys``."""
        if scope["method"] == "PUT":
            HOT_KEYS.begin()
        elif scope["method"] == "DELETE":
            HOT_KEYS.end()
        await _answer(send, HOT_KEYS.describe())

    async def _lines(self, scope: Scope, send: Send) -> None:
        """``GET /_asyncsns/lines?of=O&after=N``: log lines of all groups from a number on."""
        query = dict(parse_qsl(scope.get("query_string", b"").decode()))
        number = query.get("after", "0")
        if not number.isdigit():
            await _answer(send, {"message": "after: expected a number from 0"}, status=400)
            return
        self.logged.flush()
        await _answer(send, self.logged.lines.after(query.get("of", ""), int(number)))

    async def _change_faults(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET``, ``PUT``, ``DELETE /_asyncsns/faults``."""
        try:
            if scope["method"] == "PUT":
                self.faults.replace(json.loads(await _whole_body(receive)))
            elif scope["method"] == "DELETE":
                self.faults.end()
        except ValueError as error:
            await _answer(send, {"message": str(error)}, status=400)
            return
        await _answer(send, self.faults.describe())

    async def _unless_struck(self, scope: Scope, receive: Receive, send: Send) -> None:
        service, operation = service_of(scope["path"], scope.get("query_string", b""), scope["headers"])
        if not self.faults.concern(service):
            await self._admit(scope, receive, send)
            return
        body = await _whole_body(receive)
        request = request_of(service, operation, scope["method"], scope["path"], body)
        struck = await self.faults.strike(request)
        if struck is None:
            await self._admit(scope, _replaying(body, receive), send)
            return
        status, headers, content = struck
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if METER.running:
            service, operation = service_of(scope["path"], scope.get("query_string", b""), scope["headers"])
            METER.asked(service, operation or scope["method"])
        who = who_calls(scope["headers"])
        caller.set(who)
        if who is not Caller.INTERACTIVE or not invokes(scope["path"]) or EVENT in scope["headers"]:
            await self._forward(scope, receive, send)
        elif await self.admission.enter():
            try:
                await self._forward(scope, receive, send)
            finally:
                self.admission.leave()
        else:
            await _answer(send, REFUSAL, status=429)

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, method = scope["headers"], scope["method"]
        if method in ("GET", "HEAD", "OPTIONS") and not touched_services(method, scope["path"], headers):
            await self.inner(scope, receive, send)
            return
        look()
        named = _reads_stream(headers)
        browser = _has_header(headers, b"origin") or not _has_header(headers, b"x-amz-target")
        beginning = b""

        async def receive_and_look() -> MutableMapping[str, Any]:
            nonlocal beginning
            message = await receive()
            beginning = beginning or message.get("body", b"")[:_BEGINNING_BYTES]
            return message

        async def send_and_note(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                # Before the answer leaves: what is acknowledged must be on disk.
                note()
                touched = touched_services(method, scope["path"], headers, beginning, scope.get("query_string", b""))
                touched = touched or self.durability.changed_behind(scope_of(headers))
                if touched and message["status"] < 400:
                    await self.durability.written(touched)
                else:
                    # A refusal acknowledges nothing, but it may count: wrong passwords and codes.
                    self.durability.touch(touched)
                await self.durability.commit.kept()
                answered = message.get("headers", [])
                if not browser:
                    answered = [one for one in answered if not _is_for_browsers(one[0])]
                if named:
                    answered = [*answered, (INSTANCE_HEADER, self.signal.instance.encode())]
                message = {**message, "headers": answered}
            await send(message)

        await self.inner(scope, receive_and_look, send_and_note)

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
            "faults": len(self.faults.active),
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
                if self.invocations is not None:
                    await self.invocations.open()
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
        invocations.restore(store.load(INVOCATIONS, hook))
        known = store.load(JOURNAL_NAME, hook)
        replayed = replay(journal, known["first"] if known else None)
        CLOCK.stood_still(time.time() - last_written(store.root))
        streams.keep_records_longer(CLOCK.missed())
        journal.open()
        record(journal, replaced=lambda: self.durability.touch(STATES))
        # Always once at start: only what a generation names can be replayed.
        self.durability.touch(STATES)
        log.info("emulator is up, %d journalled writes done again", replayed)
        self.signal.bind(asyncio.get_running_loop())
        self._keeper = asyncio.create_task(self.durability.run(), name="snapshots")
        self._beating = asyncio.create_task(beat(), name="heartbeat")
        self._logging = asyncio.create_task(self.logged.run(), name="log-events")
        self._following = asyncio.create_task(CLOCK.follow(self._clock_jumped), name="clock")
        loop = asyncio.get_running_loop()
        self.workers.start(loop)
        take_over(self.workers, lambda: loop.call_soon_threadsafe(self.workers.one_more_idle))
        seams.let_queues_be_polled()
        invocations.go_on(journal)
        # What is loaded by now stays (``emulation.starting``); a fork for a snapshot shares it.
        gc.freeze()
        gc.enable()
        self.status = "ok"

    def _clock_jumped(self, seconds: float) -> None:
        log.warning("the clock jumped by %.0f s; what waits for a moment moves along", seconds)
        queues.move_moments(seconds)
        streams.keep_records_longer(CLOCK.missed())
        seams.forget_back_off()
        self.durability.touch(STATES)

    async def _stop(self) -> None:
        self.status = "stopping"
        if self.invocations is not None:
            self.invocations.close()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=10)
        self.workers.stop()
        self.logged.flush()
        self.durability.final()
        for task in (self._beating, self._logging, self._following):
            if task is not None:
                task.cancel()


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """A request whose body was read, from its beginning."""
    first = True

    async def again() -> MutableMapping[str, Any]:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


def who_calls(headers: list[tuple[bytes, bytes]]) -> Caller:
    """Calls from functions carry their depth; the stream pump marks its calls as background work."""
    _, depth = seams.invocation_depth()
    if _has_header(headers, depth.lower().encode()):
        return Caller.NESTED
    return Caller.BACKGROUND if (CALLER_HEADER, b"background") in headers else Caller.INTERACTIVE


def _has_header(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bool:
    return any(name == wanted for name, _ in headers)


def _is_for_browsers(name: bytes) -> bool:
    """MiniStack sends these to every client; AWS sends them only to browsers and from S3. Parsing them costs SDKs
    time."""
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
