"""Lets the edge invoke functions of HTTP APIs directly, without MiniStack's gateway and without HTTP.

The edge has routed the request, checked its token and made the event; here the invocation waits for its turn, runs and
counts as any other (``lambdas/direct.py``). Frames: ``emulation/aws/invocation_frames.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
from pathlib import Path
from typing import Any

from emulation.aws.invocation_frames import Came, Frames, frame
from emulation.emulator import seams, threads
from emulation.emulator.admission import Admission
from emulation.emulator.lambdas.direct import DirectExecution
from emulation.emulator.meter import METER
from emulation.emulator.raw import RawEvent, RawResult
from emulation.emulator.slots import Caller, caller

log = logging.getLogger("emulation.emulator")

Answer = tuple[Came, bytes]


class InvocationPort:
    """Listens on a UNIX socket from ``open`` to ``close``; for the event loop alone."""

    def __init__(self, path: Path, direct: DirectExecution, admission: Admission) -> None:
        self._path, self._direct, self._admission = path, direct, admission
        self._functions, self._gateway = seams.module("services.lambda_svc"), seams.module("services.apigateway")
        self._reference = functools.lru_cache(1024)(self._gateway._extract_lambda_ref_from_integration_uri)
        self._server: asyncio.AbstractServer | None = None

    async def open(self) -> None:
        self._path.unlink(missing_ok=True)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: _Connection(self), str(self._path))

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def invoke(self, head: dict[str, str], event: bytes) -> Answer:
        """``head``: ``uri`` of the integration, ``account`` and ``region`` of its API, ``method`` and ``trace`` of the
        request."""
        caller.set(Caller.INTERACTIVE)
        if not await self._admission.enter():
            return Came.THROTTLED, b""
        try:
            return await self._executed(head, event)
        finally:
            self._admission.leave()

    async def _executed(self, head: dict[str, str], event: bytes) -> Answer:
        functions = self._functions
        function, config, _ = functions._get_func_record_for_ref_in_scope(
            self._reference(head["uri"]), account_id=head["account"], region=head["region"]
        )
        if function is None or config is None:
            # The edge's configuration may be older than the deployment: the emulator's gateway reads it again.
            return Came.BY_HTTP, b""
        METER.asked("", head["method"])
        record = functions._execution_record_for_config(function, config)
        result = await self._direct.execute(record, RawEvent(event, head["trace"]))
        if result is None:
            # Not a function of Python, or one that may not run now: as MiniStack has it.
            result = await threads.run_reentrant(
                functions._execute_function_with_config_scope, record, json.loads(event), thread_name="http-api"
            )
        return _answer_of(result)


def _answer_of(result: dict[str, Any]) -> Answer:
    """The outcome from the result of MiniStack's ``_execute_function``."""
    if result.get("throttle"):
        return Came.THROTTLED, b""
    if result.get("error"):
        return Came.FAILED, b""
    body = result.get("body")
    return Came.ANSWERED, body.content if isinstance(body, RawResult) else json.dumps(body).encode()


class _Connection(asyncio.Protocol):
    """The connection of one edge: each call is a task of its own."""

    def __init__(self, port: InvocationPort) -> None:
        self._port = port
        self._frames = Frames()
        self._transport: asyncio.WriteTransport | None = None
        self._calls: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """Running functions continue, as they do when a client disconnects."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        for number, content in self._frames.of(data):
            call = asyncio.get_running_loop().create_task(self._serve(number, content))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _serve(self, number: int, content: bytes) -> None:
        head, _, event = content.partition(b"\n")
        try:
            came, answer = await self._port.invoke(json.loads(head), event)
        except Exception:
            log.exception("an invocation by the edge failed")
            came, answer = Came.FAILED, b""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):  # it closes
                self._transport.write(frame(number, bytes((came,)), answer))
