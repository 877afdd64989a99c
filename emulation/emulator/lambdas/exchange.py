"""Messages between the host and an execution environment, and the function's output meanwhile."""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any

from emulation.emulator.lambdas import runtime
from emulation.emulator.lambdas.templates import EnvironmentProcess
from emulation.emulator.raw import RawEvent, RawResult

LOG_BYTES = 4_000_000
#: Before and behind a result, in the environment's answer.
_RESULT, _PROCESSOR = b'{"result":', b',"processor":'
#: The content of an invocation: the event, its id, the function's ARN, seconds, variables of this invocation.
Message = dict[str, Any]


class InitError(RuntimeError):
    """The handler's module failed to import; ``described`` is the error as Lambda reports it."""

    def __init__(self, described: dict[str, Any], output: str) -> None:
        super().__init__(described["errorMessage"])
        self.described = described
        self.output = output


def await_handler(process: EnvironmentProcess, seconds: float) -> None:
    answer, output = exchange(process, None, seconds)
    if answer is None or "ready" not in answer:
        process.kill()
        process.close()
        if answer is None:
            raise InitError(error_of("Runtime.ExitError", "the environment ended or hung during init"), output)
        raise InitError(answer["failed"], output)
    if output:
        process.early_output = output


def error_of(kind: str, message: str) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": message}


def exchange(
    process: EnvironmentProcess, message: dict[str, Any] | None, seconds: float
) -> tuple[dict[str, Any] | None, str]:
    """Send, then read output and the answer together: a full pipe must not block the function.

    The answer is None when the environment ended or the time is over.
    """
    if message is not None:
        process.connection.settimeout(seconds)
        try:
            process.connection.sendall(_frame(message))
        except OSError:
            return None, read_output(process.output)
    return _answer(process, message, time.monotonic() + seconds)


def _answer(process: EnvironmentProcess, message: Message | None, deadline: float) -> tuple[dict[str, Any] | None, str]:
    watcher = select.poll()
    watcher.register(process.connection, select.POLLIN)
    watcher.register(process.output, select.POLLIN)
    output = bytearray()
    while (remaining := deadline - time.monotonic()) > 0:
        for descriptor, _ in watcher.poll(remaining * 1000):
            if descriptor == process.output:
                part = _read_output_bytes(process.output)
                output += part
                if not part:
                    watcher.unregister(process.output)
            else:
                answer = _received(process, message, max(0.1, remaining))
                # Output before the response is in the pipe by now.
                output += _read_output_bytes(process.output)
                return answer, output[:LOG_BYTES].decode(errors="replace")
    return None, output[:LOG_BYTES].decode(errors="replace")


def _received(process: EnvironmentProcess, message: Message | None, seconds: float) -> dict[str, Any] | None:
    process.connection.settimeout(seconds)
    try:
        content = runtime.receive_bytes(process.connection)
    except OSError:
        return None
    return None if content is None else _read(content, message)


def read_output(descriptor: int) -> str:
    """What is in the pipe now."""
    return _read_output_bytes(descriptor)[:LOG_BYTES].decode(errors="replace")


def _read_output_bytes(descriptor: int) -> bytes:
    parts = bytearray()
    while True:
        try:
            part = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return bytes(parts)
        if not part:
            return bytes(parts)
        parts += part


def _frame(message: Message) -> bytes:
    event = message["event"]
    if not isinstance(event, RawEvent):
        return runtime.frame(json.dumps(message).encode())
    rest = json.dumps({name: value for name, value in message.items() if name != "event"}).encode()
    return runtime.frame(b'{"event":' + event.content + b"," + rest[1:])


def _read(content: bytes, message: Message | None) -> dict[str, Any]:
    """The result is raw where the event was."""
    if message is not None and isinstance(message["event"], RawEvent) and content.startswith(_RESULT):
        result, _, processor = content[len(_RESULT) :].rpartition(_PROCESSOR)
        return {"result": RawResult(result), "processor": json.loads(processor[:-1])}
    return dict(json.loads(content))
